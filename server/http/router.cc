#include "server/http/router.h"

#include <cstdlib>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "server/http/target.h"

namespace darkroom::server::http {
namespace {

// How much a segment of a pattern says.
enum Weight { kAnyText, kAnyWithVerb, kPlain };

Weight WeightOf(absl::string_view segment) {
  if (!absl::StartsWith(segment, "{")) return kPlain;
  return absl::EndsWith(segment, "}") ? kAnyText : kAnyWithVerb;
}

// The segment's value for "{name}" or "{name}:verb"; `text` is unescaped. False: it does not fit.
bool FitSegment(absl::string_view segment, const std::string& text, std::vector<Field>& values) {
  if (WeightOf(segment) == kPlain) return segment == text;
  const std::size_t end = segment.find('}');
  const absl::string_view verb = segment.substr(end + 1);
  if (!absl::EndsWith(text, verb) || text.size() == verb.size()) return false;
  values.push_back(
      {std::string(segment.substr(1, end - 1)), text.substr(0, text.size() - verb.size())});
  return true;
}

std::optional<std::vector<Field>> Fit(absl::string_view pattern,
                                      const std::vector<std::string>& path) {
  const std::vector<absl::string_view> segments = Segments(pattern);
  if (segments.size() != path.size()) return std::nullopt;
  std::vector<Field> values;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (!FitSegment(segments[i], path[i], values)) return std::nullopt;
  }
  return values;
}

// Of two patterns that fit one path.
bool SaysMore(absl::string_view a, absl::string_view b) {
  const std::vector<absl::string_view> first = Segments(a);
  const std::vector<absl::string_view> second = Segments(b);
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (WeightOf(first[i]) != WeightOf(second[i])) {
      return WeightOf(first[i]) > WeightOf(second[i]);
    }
  }
  return false;
}

std::optional<std::vector<std::string>> UnescapedSegments(absl::string_view path) {
  std::vector<std::string> segments;
  for (const absl::string_view segment : Segments(path)) {
    std::optional<std::string> text = Unescape(segment);
    if (!text.has_value()) return std::nullopt;
    segments.push_back(*std::move(text));
  }
  return segments;
}

}  // namespace

Router::Router() { shapes_.push_back({"", GoogleErrorShape}); }

void Router::Add(Route route) {
  const bool is_new = absl::c_none_of(routes_, [&route](const Route& known) {
    return known.method == route.method && known.pattern == route.pattern;
  });
  if (!is_new) {
    log::Error("a route is there twice", {{"pattern", route.pattern}});
    std::abort();
  }
  routes_.push_back(std::move(route));
}

void Router::ShapeErrors(absl::string_view prefix, ErrorShape shape) {
  shapes_.push_back({std::string(prefix), std::move(shape)});
}

Router::Match Router::Find(absl::string_view method, absl::string_view path) const {
  Match match;
  const Shape* shape = &shapes_.front();
  for (const Shape& other : shapes_) {
    if (absl::StartsWith(path, other.prefix) && other.prefix.size() >= shape->prefix.size()) {
      shape = &other;
    }
  }
  match.errors = &shape->make;
  const auto segments = UnescapedSegments(path);
  if (!segments.has_value()) return match;
  absl::string_view best;
  for (const Route& route : routes_) {
    if (!best.empty() && route.pattern == best) continue;
    auto values = Fit(route.pattern, *segments);
    if (!values.has_value() || (!best.empty() && !SaysMore(route.pattern, best))) continue;
    best = route.pattern;
    match.path_values = *std::move(values);
  }
  if (best.empty()) return match;
  for (const Route& route : routes_) {
    if (route.pattern != best) continue;
    const bool reads = route.method == "GET" && !route.streams;
    absl::StrAppend(&match.allowed, route.method, ", ", reads ? "HEAD, " : "");
    if (route.method == method || (reads && method == "HEAD")) match.route = &route;
  }
  absl::StrAppend(&match.allowed, "OPTIONS");
  return match;
}

}  // namespace darkroom::server::http
