#include "telemetry/process_metrics.h"

#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace telemetry {
namespace {

prometheus::MetricFamily family(std::string name, std::string help, prometheus::MetricType type,
                                double value) {
  prometheus::ClientMetric metric;
  metric.counter.value = value;
  metric.gauge.value = value;
  return {.name = std::move(name), .help = std::move(help), .type = type, .metric = {metric}};
}

// /proc/self/stat after the program's name, which may hold spaces: [0] is field 3 of proc(5).
std::vector<double> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto end_of_name = text.rfind(')');
  std::vector<double> fields;
  if (end_of_name == std::string::npos) return fields;
  std::istringstream words(text.substr(end_of_name + 1));
  for (std::string word; words >> word;) fields.push_back(std::strtod(word.c_str(), nullptr));
  return fields;
}

double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::strtod(line.c_str() + 6, nullptr);
  }
  return 0;
}

double open_files() {
  std::error_code failed;
  std::filesystem::directory_iterator files("/proc/self/fd", failed);
  return failed ? 0 : static_cast<double>(std::distance(begin(files), end(files))) - 1;  // its own
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  using prometheus::MetricType;
  constexpr std::size_t kUserTicks = 11;
  constexpr std::size_t kSystemTicks = 12;
  constexpr std::size_t kThreads = 17;
  constexpr std::size_t kStart = 19;
  constexpr std::size_t kResidentPages = 21;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto fields = stat_fields();
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);

  std::vector<prometheus::MetricFamily> all;
  if (fields.size() > kResidentPages) {
    all.push_back(family("process_cpu_seconds_total", "CPU time used, user and system.",
                         MetricType::Counter, (fields[kUserTicks] + fields[kSystemTicks]) / ticks));
    all.push_back(family("process_resident_memory_bytes", "Memory in use.", MetricType::Gauge,
                         fields[kResidentPages] * static_cast<double>(sysconf(_SC_PAGESIZE))));
    all.push_back(
        family("process_threads", "Threads of the process.", MetricType::Gauge, fields[kThreads]));
    static const double booted = boot_time();
    all.push_back(family("process_start_time_seconds", "When the process started, since 1970.",
                         MetricType::Gauge, booted + fields[kStart] / ticks));
  }
  all.push_back(
      family("process_open_fds", "Open files and sockets.", MetricType::Gauge, open_files()));
  all.push_back(family("process_max_fds", "How many may be open.", MetricType::Gauge,
                       static_cast<double>(files.rlim_cur)));
  return all;
}

}  // namespace telemetry
