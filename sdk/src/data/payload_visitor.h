// Finds the payloads in Temporal's messages, and gives them to a PayloadCodec.
#pragma once
#include <google/protobuf/message.h>
#include <temporal/api/common/v1/message.pb.h>

#include <memory>
#include <vector>

#include "temporal/async.h"
#include "temporal/converter.h"

namespace temporal::detail {

using PayloadRefs = std::vector<temporal::api::common::v1::Payload*>;

// Every payload inside the message that is a codec's, at any depth, in the order of the fields. By
// reflection over the descriptors, so that a field added by a newer Temporal is found without a
// word here. Left out, as in the other SDKs: search attributes (and the groups of a count), which
// the server reads, and headers, which interceptors of any SDK must be able to read. An Any is not
// looked into: the one there is is Core's own protocol. Thread-safe.
PayloadRefs payloads_in(google::protobuf::Message& message);

// In place: the payloads live until the Async has ended. A codec that gives back more or fewer is
// an std::logic_error. Codec null: nothing to do.
Async<void> encode(std::shared_ptr<PayloadCodec> codec, PayloadRefs payloads,
                   SerializationContext context);
Async<void> decode(std::shared_ptr<PayloadCodec> codec, PayloadRefs payloads,
                   SerializationContext context);

}  // namespace temporal::detail
