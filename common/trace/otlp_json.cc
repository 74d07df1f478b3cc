#include "common/trace/otlp_json.h"

#include <cstdint>
#include <type_traits>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/json_text.h"

namespace darkroom::trace {
namespace {

constexpr int kStatusError = 2;

void AppendField(std::string& json, absl::string_view name, absl::string_view text) {
  absl::StrAppend(&json, "\"", name, "\":");
  AppendJsonString(json, text);
}

void AppendNanoseconds(std::string& json, absl::string_view name, absl::Time time) {
  AppendField(json, name, absl::StrCat(absl::ToUnixNanos(time)));
}

void AppendValue(std::string& json, const Attribute& attribute) {
  std::visit(
      [&json](const auto& value) {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, bool>) {
          absl::StrAppend(&json, "\"boolValue\":", value ? "true" : "false");
        } else if constexpr (std::is_same_v<Value, std::int64_t>) {
          AppendField(json, "intValue", absl::StrCat(value));
        } else {
          AppendField(json, "stringValue", value);
        }
      },
      attribute.value);
}

// A JSON array of what `append` makes of each.
template <typename Elements, typename Append>
void AppendArray(std::string& json, absl::string_view name, const Elements& elements,
                 Append append) {
  absl::StrAppend(&json, "\"", name, "\":[");
  bool first = true;
  for (const auto& element : elements) {
    if (!first) json += ',';
    first = false;
    json += '{';
    append(json, element);
    json += '}';
  }
  json += ']';
}

void AppendAttribute(std::string& json, const Attribute& attribute) {
  AppendField(json, "key", attribute.key);
  json += ",\"value\":{";
  AppendValue(json, attribute);
  json += '}';
}

void AppendIds(std::string& json, const TraceContext& context) {
  AppendField(json, "traceId", context.trace_id);
  json += ',';
  AppendField(json, "spanId", context.span_id);
}

void AppendSpan(std::string& json, const Span& span) {
  AppendIds(json, span.context);
  if (!span.parent.empty()) {
    json += ',';
    AppendField(json, "parentSpanId", span.parent);
  }
  json += ',';
  AppendField(json, "name", span.name);
  absl::StrAppend(&json, ",\"kind\":", static_cast<int>(span.kind), ",");
  AppendNanoseconds(json, "startTimeUnixNano", span.start);
  json += ',';
  AppendNanoseconds(json, "endTimeUnixNano", span.end);
  json += ',';
  AppendArray(json, "attributes", span.attributes, &AppendAttribute);
  if (!span.links.empty()) {
    json += ',';
    AppendArray(json, "links", span.links, &AppendIds);
  }
  if (span.error.empty()) return;
  absl::StrAppend(&json, ",\"status\":{\"code\":", kStatusError, ",");
  AppendField(json, "message", span.error);
  json += '}';
}

}  // namespace

std::string OtlpJson(const Resource& resource, absl::Span<const Span> spans) {
  const Attribute described[] = {{"service.name", resource.service},
                                 {"service.instance.id", resource.instance},
                                 {"service.version", resource.version}};
  std::string json = "{\"resourceSpans\":[{\"resource\":{";
  AppendArray(json, "attributes", described, &AppendAttribute);
  json += "},\"scopeSpans\":[{\"scope\":{";
  AppendField(json, "name", "darkroom");
  json += "},";
  AppendArray(json, "spans", spans, &AppendSpan);
  json += "}]}]}";
  return json;
}

}  // namespace darkroom::trace
