#include "server/grpc/call.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>
#include <grpcpp/support/slice.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "server/auth/scoped_caller.h"
#include "server/core/lenient_parse.h"

namespace darkroom::server {
namespace {

constexpr char kTraceparent[] = "traceparent";

std::string Flatten(const grpc::ByteBuffer& bytes) {
  std::string flat;
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) return flat;
  for (const grpc::Slice& slice : slices) {
    flat.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return flat;
}

// The values of a header, in their order, with commas between them; empty without one.
std::string Joined(const grpc::CallbackServerContext& call, const char* header) {
  std::string joined;
  const auto [first, last] = call.client_metadata().equal_range(header);
  for (auto value = first; value != last; ++value) {
    absl::StrAppend(&joined, joined.empty() ? "" : ",",
                    absl::string_view(value->second.data(), value->second.size()));
  }
  return joined;
}

}  // namespace

absl::StatusOr<Caller> CallerOf(const CallContext& context,
                                const grpc::CallbackServerContext& call) {
  const std::string peer = call.peer();
  const std::string authorization = Joined(call, "authorization");
  const std::string forwarded = Joined(call, "x-forwarded-for");
  return AuthenticateFor(context.authenticator, {authorization, peer, forwarded}, context.scope);
}

absl::Time DeadlineOf(const grpc::CallbackServerContext& call) {
  const std::chrono::system_clock::time_point deadline = call.deadline();
  return deadline == std::chrono::system_clock::time_point::max() ? absl::InfiniteFuture()
                                                                  : absl::FromChrono(deadline);
}

trace::Span BeginSpan(const trace::Tracer& tracer, absl::string_view name,
                      grpc::CallbackServerContext& call) {
  trace::Span span = tracer.Start(name, trace::SpanKind::kServer,
                                  trace::ParseTraceparent(Joined(call, kTraceparent)));
  call.AddInitialMetadata(kTraceparent, trace::FormatTraceparent(span.context));
  return span;
}

absl::StatusOr<std::vector<FieldViolation>> ParseRequest(const grpc::ByteBuffer& bytes,
                                                         google::protobuf::Message& request) {
  grpc::ByteBuffer copy = bytes;  // shares the slices; the reader wants it mutable
  grpc::ProtoBufferReader reader(&copy);
  if (reader.status().ok() && request.ParseFromZeroCopyStream(&reader)) {
    return std::vector<FieldViolation>{};
  }
  request.Clear();
  return ParseLeniently(Flatten(bytes), request);
}

grpc::ByteBuffer SerializeResponse(const google::protobuf::Message& response) {
  grpc::Slice slice(response.ByteSizeLong());
  response.SerializeWithCachedSizesToArray(const_cast<std::uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace darkroom::server
