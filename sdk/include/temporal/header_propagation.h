// Headers that are carried along: what a client sends with the start of a workflow comes to all that
// the workflow calls, as the context propagators of the Go and Java SDKs do.
//
//   worker_options.workflow_interceptors = {temporal::propagate_headers({"tenant"})};
//
//   client.start_workflow(Order::type, {.id = id, …, .headers = {{"tenant", tenant}}}, input);
//   workflow::info().headers.at("tenant")   // in the workflow
//   context.headers().at("tenant")          // in its activities
//
// Of the named headers those that a run was started with go along with its activities, local ones
// too, its children, its signals to other workflows, and the run that it continues as. What a call
// has of the same name already, by an interceptor before this one, stays.
#pragma once
#include <string>
#include <vector>

#include "temporal/workflow_interceptor.h"

namespace temporal {

workflow::InterceptorFactory propagate_headers(std::vector<std::string> names);

}  // namespace temporal
