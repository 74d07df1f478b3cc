#include "cli/doctor/machine_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/doctor/byte_text.h"
#include "cli/doctor/check_matchers.h"

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

GpuFacts TwoGpus(const std::string& device) {
  return {.device = device,
          .driver_version = "580.95.05",
          .gpus = std::vector<Gpu>{{"NVIDIA A", 81559, 80994}, {"NVIDIA B", 24564, 100}}};
}

TEST(MachineChecksTest, AWorkerOnTheCpuSaysSo) {
  EXPECT_THAT(CheckGpu({.device = "cpu"}),
              ElementsAre(Found(Verdict::kOk, "device", "computes on the CPU")));
  EXPECT_THAT(CheckGpu(TwoGpus("cpu")),
              ElementsAre(Found(Verdict::kWarning, "device", "NVIDIA A, 80994 of 81559 MiB free")));
}

TEST(MachineChecksTest, AWorkerOnAGpuHasDriverAndDevice) {
  EXPECT_THAT(CheckGpu(TwoGpus("cuda")),
              ElementsAre(Found(Verdict::kOk, "driver", "580.95.05"),
                          Found(Verdict::kOk, "device", "cuda: NVIDIA A")));
  EXPECT_THAT(CheckGpu(TwoGpus("cuda:1")),
              ElementsAre(Found(Verdict::kOk, "driver", "580.95.05"),
                          Found(Verdict::kOk, "device", "cuda:1: NVIDIA B, 100 of 24564")));
}

TEST(MachineChecksTest, WhatAGpuLacksIsNamed) {
  EXPECT_THAT(CheckGpu({.device = "cuda"}),
              ElementsAre(Found(Verdict::kProblem, "driver", "no NVIDIA driver is loaded")));
  EXPECT_THAT(CheckGpu({.device = "cuda", .driver_version = "535.183.01"}),
              ElementsAre(Found(Verdict::kProblem, "driver", "535.183.01 is older"),
                          Found(Verdict::kWarning, "device", "nvidia-smi does not run")));
  EXPECT_THAT(CheckGpu(TwoGpus("cuda:2"))[1],
              Found(Verdict::kProblem, "device", "there is no cuda:2; this machine shows 2"));
  EXPECT_THAT(CheckGpu(TwoGpus("cuda:x"))[1],
              Found(Verdict::kProblem, "device", "cuda:x is no device"));
}

TEST(MachineChecksTest, GpusAreReadFromNvidiaSmi) {
  const std::vector<Gpu> gpus =
      ParseGpus("NVIDIA H100 80GB HBM3, 81559, 80994\nTesla T4, 15360, 14925\n[N/A], x, y\n\n");
  ASSERT_EQ(gpus.size(), 2u);
  EXPECT_EQ(gpus[0].name, "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(gpus[0].memory_mebibytes, 81559);
  EXPECT_EQ(gpus[1].free_mebibytes, 14925);
  EXPECT_THAT(ParseGpus("No devices were found\n"), IsEmpty());
}

TEST(MachineChecksTest, TheDriversVersionIsReadFromTheKernel) {
  EXPECT_EQ(
      ParseDriverVersion("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05"
                         "  Release Build  (dvs-builder@U16)\nGCC version:  gcc version 12.2.0"
                         "\n"),
      "580.95.05");
  EXPECT_EQ(ParseDriverVersion("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun\n"),
            "535.183.01");
  EXPECT_EQ(ParseDriverVersion(""), "");
}

TEST(MachineChecksTest, DisksAreWideNarrowOrFull) {
  DiskFacts facts{.use = "redis disk",
                  .path = "/var/lib/redis",
                  .free = 10,
                  .needed = 5,
                  .wanted = 10,
                  .otherwise = "Redis takes no jobs"};
  EXPECT_THAT(CheckDisk(facts), Found(Verdict::kOk, "redis disk", "/var/lib/redis has 10 bytes"));
  facts.free = 9;
  EXPECT_THAT(CheckDisk(facts), Found(Verdict::kWarning, "redis disk", "takes no jobs"));
  facts.free = 4;
  EXPECT_THAT(CheckDisk(facts), Found(Verdict::kProblem, "redis disk", "4 bytes free"));
}

TEST(MachineChecksTest, BytesAreForPeople) {
  EXPECT_EQ(ByteText(0), "0 bytes");
  EXPECT_EQ(ByteText(1023), "1023 bytes");
  EXPECT_EQ(ByteText(1536), "1.5 KiB");
  EXPECT_EQ(ByteText(std::int64_t{12} << 30), "12 GiB");
  EXPECT_EQ(ByteText(std::int64_t{3} << 50), "3072 TiB");
}

}  // namespace
}  // namespace darkroom::cli
