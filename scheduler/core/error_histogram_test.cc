#include "scheduler/core/error_histogram.h"

#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

TEST(ErrorHistogramTest, APromiseOfTooLittleIsAsWrongAsOneOfTooMuch) {
  const absl::Duration real = absl::Seconds(10);
  EXPECT_EQ(ErrorHistogram::BucketOf(real, real), 0u);
  EXPECT_EQ(ErrorHistogram::BucketOf(absl::Seconds(8), real),
            ErrorHistogram::BucketOf(absl::Seconds(12), real));
  EXPECT_EQ(ErrorHistogram::BucketOf(absl::ZeroDuration(), real), 10u) << "wholly wrong: 1";
}

TEST(ErrorHistogramTest, BucketsIncludeTheirEndsAndTheLastHasNone) {
  EXPECT_EQ(ErrorHistogram::BucketOf(absl::Seconds(5), absl::Seconds(4)), 5u) << "0.25";
  EXPECT_EQ(ErrorHistogram::BucketOf(absl::Seconds(501), absl::Seconds(400)), 6u);
  EXPECT_EQ(ErrorHistogram::BucketOf(absl::Hours(9), absl::Seconds(1)),
            ErrorHistogram::kBuckets - 1);
}

TEST(ErrorHistogramTest, QuantilesLieInTheBucketWhereTheShareFalls) {
  ErrorHistogram errors;
  errors.Add(2, 80);  // above 0.05, to 0.1
  errors.Add(5, 20);  // above 0.2, to 0.25
  EXPECT_EQ(errors.total(), 100);
  EXPECT_DOUBLE_EQ(errors.Quantile(0.4), 0.075);
  EXPECT_DOUBLE_EQ(errors.Quantile(0.8), 0.1);
  EXPECT_DOUBLE_EQ(errors.Quantile(0.9), 0.225);
}

TEST(ErrorHistogramTest, WhatIsBeyondTheLastEndCountsAsThat) {
  ErrorHistogram errors;
  EXPECT_EQ(errors.Quantile(0.9), 0);
  errors.Add(ErrorHistogram::kBuckets - 1, 3);
  EXPECT_EQ(errors.Quantile(0.5), ErrorHistogram::kEnds.back());
}

}  // namespace
}  // namespace darkroom::scheduler
