//! Writes the table of every RPC, from the `.proto` files that Core's crates carry, so that none is
//! forgotten when their version changes.

use serde_json::Value;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The services, each with its file and its trait in `temporalio_client::grpc`.
const SERVICES: [(&str, &str, &str); 5] = [
    ("Workflow", "api_upstream/temporal/api/workflowservice/v1/service.proto", "WorkflowService"),
    ("Operator", "api_upstream/temporal/api/operatorservice/v1/service.proto", "OperatorService"),
    (
        "Cloud",
        "api_cloud_upstream/temporal/api/cloud/cloudservice/v1/service.proto",
        "CloudService",
    ),
    ("Test", "testsrv_upstream/temporal/api/testservice/v1/service.proto", "TestService"),
    ("Health", "grpc/health/v1/health.proto", "HealthService"),
];

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

/// What cargo knows of this crate's dependencies.
fn metadata() -> Value {
    let output = Command::new(variable("CARGO"))
        .args(["metadata", "--format-version=1", "--offline", "--locked"])
        .args(["--filter-platform", &variable("TARGET")])
        .current_dir(variable("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo metadata runs");
    assert!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

fn package<'a>(metadata: &'a Value, name: &str) -> &'a Value {
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let found = packages.iter().find(|package| package["name"] == name);
    found.unwrap_or_else(|| panic!("no package {name} among the dependencies"))
}

/// The methods of the one service in a `.proto` file, but for those that stream.
fn unary_methods(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or(""));
    let text: String = lines.collect::<Vec<_>>().join(" ");
    let declarations = text.split(" rpc ").skip(1);
    let unary = declarations.filter(|declaration| {
        let signature = declaration.split(['{', ';']).next().unwrap_or("");
        !signature.contains("stream ")
    });
    unary
        .map(|declaration| {
            let name = declaration.split('(').next().unwrap_or("");
            name.trim().to_owned()
        })
        .collect()
}

/// "GetSystemInfo" to "get_system_info", as the generated clients have it.
fn snake_case(name: &str) -> String {
    let mut result = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !result.is_empty() {
            result.push('_');
        }
        result.push(letter.to_ascii_lowercase());
    }
    result
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=Cargo.lock");
    println!("cargo:rustc-env=BRIDGE_TARGET={}", variable("TARGET"));
    let metadata = metadata();
    let core = package(&metadata, "temporalio-sdk-core")["version"].as_str();
    println!("cargo:rustc-env=TEMPORAL_CORE_VERSION={}", core.expect("a version"));

    let manifest = package(&metadata, "temporalio-protos")["manifest_path"].as_str();
    let protos = Path::new(manifest.expect("a path")).with_file_name("protos");
    let mut table = String::from("rpcs! {\n");
    let mut files = String::from("&[\n");
    for (service, file, client_trait) in SERVICES {
        let file = protos.join(file);
        for method in unary_methods(&file) {
            let function = snake_case(&method);
            table += &format!("    {service} \"{method}\" {client_trait}::{function};\n");
        }
        files += &format!("    (Service::{service}, {:?}),\n", file.display().to_string());
    }
    table += "}\n";
    files += "]\n";
    let out = PathBuf::from(variable("OUT_DIR"));
    fs::write(out.join("rpcs.rs"), table).expect("OUT_DIR is writable");
    // For the test that reads them again.
    fs::write(out.join("service_files.rs"), files).expect("OUT_DIR is writable");
}
