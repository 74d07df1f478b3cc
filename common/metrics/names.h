#ifndef DARKROOM_COMMON_METRICS_NAMES_H_
#define DARKROOM_COMMON_METRICS_NAMES_H_

#include "common/metrics/definition.h"

// All metrics of all processes; nothing else names one. docs/operations.md shows them as a table,
// which tests/metric_table.py holds against this file.
//
// Base units, in the name. Labels are names of tiers, models and methods, and words of this
// program: never a tenant, a prompt, a job or a key.
namespace darkroom::metrics {

namespace buckets {

inline constexpr double kCall[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
                                   2.5,   5,    10,    30,   60,  120,  300};
inline constexpr double kStep[] = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 20};
inline constexpr double kWait[] = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600};
inline constexpr double kEndToEnd[] = {0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600};
inline constexpr double kPicture[] = {0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 20, 60};
inline constexpr double kRoundTrip[] = {0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01,
                                        0.02,   0.05,   0.1,   0.25,  0.5,   1.5};
inline constexpr double kImages[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64};

}  // namespace buckets

// Every process.
inline constexpr GaugeName<2> kBuildInfo = {
    "darkroom_build_info", "1, of the program and its version", {"process", "version"}};

// Those that Prometheus' own clients have.
inline constexpr GaugeName<0> kProcessStart = {"process_start_time_seconds",
                                               "When the process was started, since 1970"};
inline constexpr CounterName<0> kProcessCpu = {"process_cpu_seconds_total",
                                               "Processor time that it has taken"};
inline constexpr GaugeName<0> kProcessMemory = {"process_resident_memory_bytes",
                                                "Memory that it has"};
inline constexpr GaugeName<0> kProcessFiles = {"process_open_fds",
                                               "Files and connections that it has open"};

// Those with --trace_endpoint.
inline constexpr CounterName<0> kExportedSpans = {"darkroom_trace_exported_spans_total",
                                                  "Spans that the collector has taken"};
inline constexpr CounterName<1> kDroppedSpans = {
    "darkroom_trace_dropped_spans_total",
    "Spans that it will never have: queue_full, unreachable, refused",
    {"reason"}};

// The gateway. The names of gRPC's are those of its OpenTelemetry plugin.
inline constexpr CounterName<1> kCallsStarted = {
    "grpc_server_call_started_total", "Calls that have come in", {"grpc_method"}};
inline constexpr HistogramName<2> kCallSeconds = {
    "grpc_server_call_duration_seconds",
    "Calls that were answered, a stream when it ends, by how long that took",
    buckets::kCall,
    {"grpc_method", "grpc_status"}};
inline constexpr GaugeName<1> kOpenStreams = {
    "darkroom_gateway_open_streams", "Streams of events that have not ended", {"grpc_method"}};
inline constexpr CounterName<1> kRefusals = {
    "darkroom_gateway_refusals_total",
    "Calls that ended with an error, by the reason of its ErrorInfo",
    {"reason"}};

// The gateway's HTTP interface. Routes are patterns, "/v1/jobs/{job}".
inline constexpr HistogramName<3> kHttpSeconds = {
    "darkroom_http_request_duration_seconds",
    "Requests that were answered, a stream when it ends, by how long that took",
    buckets::kCall,
    {"code", "method", "route"}};
inline constexpr GaugeName<1> kHttpOpenStreams = {
    "darkroom_http_open_streams", "Streams of events over HTTP that have not ended", {"route"}};
inline constexpr GaugeName<0> kHttpConnections = {"darkroom_http_connections",
                                                  "Connections of HTTP that are open"};
inline constexpr GaugeName<0> kHttpCertificateExpiry = {
    "darkroom_http_certificate_expiry_timestamp_seconds",
    "When the certificate that HTTP shows expires"};

// The scheduler: the pool, which all schedulers of it show alike, as read every five seconds.
inline constexpr GaugeName<2> kQueueJobs = {
    "darkroom_queue_jobs",
    "Jobs that wait; of the model \"(other)\" are those whose model was not looked at",
    {"tier", "model"}};
inline constexpr GaugeName<2> kQueueOldestAge = {
    "darkroom_queue_oldest_age_seconds",
    "How long the oldest job that can be taken has been queued",
    {"tier", "model"}};
inline constexpr GaugeName<1> kQueueDeviceTime = {
    "darkroom_queue_device_seconds",
    "Device time that the jobs which wait are predicted to take",
    {"tier"}};
inline constexpr GaugeName<1> kTierWeight = {
    "darkroom_tier_weight", "Share of a tier in which jobs wait, against the others'", {"tier"}};
inline constexpr GaugeName<0> kRunningJobs = {"darkroom_running_jobs", "Jobs that workers have"};
inline constexpr GaugeName<0> kDeadLetters = {"darkroom_dead_letters",
                                              "Jobs that were given up after two lost workers"};
inline constexpr GaugeName<1> kWorkers = {
    "darkroom_workers",
    "Workers that report, by what is wanted of them: serve, pause, drain",
    {"wish"}};
inline constexpr GaugeName<1> kModelWorkers = {
    "darkroom_model_workers", "Workers that serve the model", {"model"}};
inline constexpr GaugeName<1> kPromisedJobs = {
    "darkroom_promised_jobs",
    "Jobs taken in the last one to two hours whose wait had been promised",
    {"tier"}};
inline constexpr GaugeName<3> kPromiseError = {"darkroom_promise_error_ratio",
                                               "What |promised - real| / real did not exceed for "
                                               "this share of the promised jobs, of the first "
                                               "or the newest promise",
                                               {"tier", "promise", "percentile"}};
inline constexpr GaugeName<0> kRedisUp = {"darkroom_redis_up",
                                          "1 when the pool could be read at the last try, else 0"};
inline constexpr GaugeName<0> kRedisMemory = {"darkroom_redis_memory_used_bytes",
                                              "Memory that Redis uses"};
inline constexpr GaugeName<0> kRedisMemoryLimit = {"darkroom_redis_memory_limit_bytes",
                                                   "Memory that Redis may use; 0: without a limit"};
inline constexpr GaugeName<0> kRedisLogOk = {"darkroom_redis_log_ok",
                                             "1 when Redis' last write to its append-only file, "
                                             "and its last rewrite of it, succeeded, else 0"};
inline constexpr HistogramName<0> kRedisRoundTrip = {
    "darkroom_redis_round_trip_seconds",
    "Time of one small command, from asking to the answer, measured every five seconds",
    buckets::kRoundTrip};

// The scheduler: what this one has done.
inline constexpr CounterName<1> kReapedJobs = {
    "darkroom_reaped_jobs_total",
    "Jobs that were put back after a lost lease (requeued), given up (dead), found too late "
    "(expired), or taken over from an older version (adopted)",
    {"outcome"}};

// A worker.
inline constexpr HistogramName<1> kForwardSeconds = {
    "darkroom_worker_forward_seconds",
    "Forwards of the denoiser, a step of a batch of images each, by time",
    buckets::kStep,
    {"model"}};
inline constexpr HistogramName<1> kForwardImages = {"darkroom_worker_forward_images",
                                                    "Forwards, by the images that shared them",
                                                    buckets::kImages,
                                                    {"model"}};
inline constexpr CounterName<1> kForwardRoom = {
    "darkroom_worker_forward_room_total",
    "Images that the forwards had room for, whether or not as many waited",
    {"model"}};
inline constexpr CounterName<1> kForwardRows = {
    "darkroom_worker_forward_rows_total",
    "Rows of the network that the forwards had; an image has one or more",
    {"model"}};
inline constexpr CounterName<2> kSteps = {"darkroom_worker_steps_total",
                                          "Sampling steps that were done, of all images",
                                          {"tier", "model"}};
inline constexpr HistogramName<1> kDecodeSeconds = {
    "darkroom_worker_decode_seconds", "Images decoded, by time", buckets::kPicture, {"model"}};
inline constexpr HistogramName<1> kEncodeSeconds = {
    "darkroom_worker_encode_seconds",
    "Pictures put together and written as PNG, by time",
    buckets::kPicture,
    {"model"}};
inline constexpr CounterName<2> kPictures = {
    "darkroom_worker_pictures_total", "Pictures that were made", {"tier", "model"}};
inline constexpr HistogramName<1> kWaitSeconds = {
    "darkroom_worker_wait_seconds",
    "Jobs that were leased for the first time, by the time since they were submitted",
    buckets::kWait,
    {"tier"}};
inline constexpr HistogramName<1> kEndToEndSeconds = {
    "darkroom_worker_end_to_end_seconds",
    "Jobs that succeeded, by the time since they were submitted",
    buckets::kEndToEnd,
    {"tier"}};
inline constexpr CounterName<2> kDeviceSeconds = {
    "darkroom_worker_device_seconds_total",
    "Device time of the leases that ended as the worker said, a job's share of each forward",
    {"tier", "model"}};
inline constexpr CounterName<2> kJobs = {
    "darkroom_worker_jobs_total",
    "Leases that ended as the worker said: succeeded, failed, cancelled, expired, released",
    {"tier", "outcome"}};
inline constexpr CounterName<1> kFailedJobs = {
    "darkroom_worker_failed_jobs_total", "Jobs that failed, by reason", {"reason"}};
inline constexpr CounterName<0> kLostLeases = {
    "darkroom_worker_lost_leases_total", "Leases that another worker or nobody had in the end"};
inline constexpr GaugeName<0> kImages = {"darkroom_worker_images",
                                         "Images of the jobs that the worker has"};
inline constexpr GaugeName<0> kImageCapacity = {"darkroom_worker_image_capacity",
                                                "Images that it takes on at once"};
inline constexpr GaugeName<1> kDeviceMemory = {
    "darkroom_worker_device_memory_bytes",
    "Memory of the device, by who has it: worker, others, or free",
    {"use"}};
inline constexpr GaugeName<1> kResidentBytes = {
    "darkroom_worker_model_resident_bytes",
    "What the weights of a model that is in memory take; 0 where it has none",
    {"model"}};
inline constexpr CounterName<1> kModelLoads = {
    "darkroom_worker_model_loads_total", "Times that the model was loaded", {"model"}};
inline constexpr CounterName<1> kModelLoadSeconds = {
    "darkroom_worker_model_load_seconds_total", "What that took together", {"model"}};
inline constexpr CounterName<1> kModelLoadFailures = {
    "darkroom_worker_model_load_failures_total", "Times that it could not be loaded", {"model"}};
inline constexpr CounterName<1> kModelEvictions = {
    "darkroom_worker_model_evictions_total", "Times that it had to go for another", {"model"}};

}  // namespace darkroom::metrics

#endif  // DARKROOM_COMMON_METRICS_NAMES_H_
