#include "worker/diffusion/ops/cuda_source.h"

namespace darkroom::diffusion {

// Pictures are [rows, pixels, channels]. Elements T are read and written 16 bytes at a time and
// calculated with in float32. A block has `chunk` pixels of a row, and each of its threads the same
// 16 bytes of channels of every `lanes`-th of them; threads beyond the lanes, which make whole
// warps of a block, have nothing. What a row becomes depends on the row alone, to the last bit.
const char kCudaSource[] = R"(
struct Half {
  unsigned short bits;
};
struct BFloat16 {
  unsigned short bits;
};

__device__ float ToFloat(float x) { return x; }
__device__ float ToFloat(Half x) {
  float y;
  asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
  return y;
}
__device__ float ToFloat(BFloat16 x) { return __uint_as_float((unsigned)x.bits << 16); }

__device__ void Round(float x, float* y) { *y = x; }
__device__ void Round(float x, Half* y) {
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y->bits) : "f"(x));
}
// To the nearest, halfway to even. By hand, as older devices have no instruction for it.
__device__ void Round(float x, BFloat16* y) {
  const unsigned bits = __float_as_uint(x);
  y->bits = x == x ? (bits + 0x7fff + (bits >> 16 & 1)) >> 16 : 0x7fff;
}

template <typename T>
struct alignas(16) Vector {
  static constexpr int kSize = 16 / sizeof(T);
  T values[kSize];
};
template <typename T>
__device__ Vector<T> Load(const T* place) {
  return *reinterpret_cast<const Vector<T>*>(place);
}
template <typename T>
__device__ void Store(const Vector<T>& vector, T* place) {
  *reinterpret_cast<Vector<T>*>(place) = vector;
}

// What of a picture a thread has.
template <typename T>
struct Share {
  __device__ Share(int pixels, int channels, int lanes, int chunk) {
    const int vectors = channels / Vector<T>::kSize;
    lane = threadIdx.x / vectors;
    channel = threadIdx.x % vectors * Vector<T>::kSize;
    begin = blockIdx.x * chunk + lane;
    end = lane < lanes ? min((blockIdx.x + 1) * chunk, pixels) : 0;
    first = (long long)blockIdx.y * pixels * channels + channel;
  }
  int lane, channel;
  int begin, end;   // pixels, every `lanes`-th
  long long first;  // element of pixel 0
};

template <typename Sum>
__device__ Sum WarpSum(Sum x) {
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(0xffffffff, x, step);
  return x;
}

// Of each group of each block, the sum and that of the squares: partial [rows, blocks, groups].
// Shared memory: [lanes, 2, channels] floats.
template <typename T>
__global__ void PartialSums(const T* x, float2* partial, int pixels, int channels, int groups,
                            int lanes, int chunk) {
  constexpr int kSize = Vector<T>::kSize;
  extern __shared__ float shared[];
  const Share<T> share(pixels, channels, lanes, chunk);
  float sum[kSize] = {}, squares[kSize] = {};
#pragma unroll 4
  for (int p = share.begin; p < share.end; p += lanes) {
    const Vector<T> v = Load(x + share.first + (long long)p * channels);
    for (int i = 0; i < kSize; ++i) {
      const float value = ToFloat(v.values[i]);
      sum[i] += value;
      squares[i] += value * value;
    }
  }
  float* of_lane = shared + share.lane * 2 * channels + share.channel;
  for (int i = 0; i < kSize && share.lane < lanes; ++i) {
    of_lane[i] = sum[i];
    of_lane[channels + i] = squares[i];
  }
  __syncthreads();
  const int size = channels / groups;
  for (int group = threadIdx.x / 32; group < groups; group += blockDim.x / 32) {
    float2 total = {0, 0};
    for (int i = threadIdx.x % 32; i < lanes * size; i += 32) {
      const float* value = shared + i / size * 2 * channels + group * size + i % size;
      total.x += value[0];
      total.y += value[channels];
    }
    total.x = WarpSum(total.x);
    total.y = WarpSum(total.y);
    const long long block = (long long)blockIdx.y * gridDim.x + blockIdx.x;
    if (threadIdx.x % 32 == 0) partial[block * groups + group] = total;
  }
}

// A block a group and row: the sums of all its partial ones, to what is there where `add` says so.
__global__ void AddPartialSums(const float2* partial, int chunks, bool add, double* sum,
                               double* squares) {
  __shared__ double of_warps[2][32];
  const int groups = gridDim.x;
  double of_sum = 0, of_squares = 0;
  for (int chunk = threadIdx.x; chunk < chunks; chunk += blockDim.x) {
    const float2 part = partial[((long long)blockIdx.y * chunks + chunk) * groups + blockIdx.x];
    of_sum += part.x;
    of_squares += part.y;
  }
  of_sum = WarpSum(of_sum);
  of_squares = WarpSum(of_squares);
  if (threadIdx.x % 32 == 0) {
    of_warps[0][threadIdx.x / 32] = of_sum;
    of_warps[1][threadIdx.x / 32] = of_squares;
  }
  __syncthreads();
  if (threadIdx.x > 0) return;
  const int place = blockIdx.y * groups + blockIdx.x;
  of_sum = add ? sum[place] : 0;
  of_squares = add ? squares[place] : 0;
  for (int warp = 0; warp < blockDim.x / 32; ++warp) {
    of_sum += of_warps[0][warp];
    of_squares += of_warps[1][warp];
  }
  sum[place] = of_sum;
  squares[place] = of_squares;
}

template <bool kSilu>
__device__ float Activate(float x) {
  return kSilu ? __fdividef(x, 1 + __expf(-x)) : x;
}

// Shared memory: a float2 a group.
template <typename T, bool kSilu>
__global__ void Normalize(const T* x, T* y, const double* sum, const double* squares,
                          double inverse_count, float epsilon, const T* scale, const T* shift,
                          int pixels, int channels, int groups, int lanes, int chunk) {
  constexpr int kSize = Vector<T>::kSize;
  extern __shared__ float2 moments[];
  for (int group = threadIdx.x; group < groups; group += blockDim.x) {
    const int place = blockIdx.y * groups + group;
    const double mean = sum[place] * inverse_count;
    const float variance = fmaxf(float(squares[place] * inverse_count - mean * mean), 0);
    moments[group] = {float(mean), 1 / sqrtf(variance + epsilon)};
  }
  __syncthreads();
  const Share<T> share(pixels, channels, lanes, chunk);
  if (share.lane >= lanes) return;
  float factor[kSize], offset[kSize];
  for (int i = 0; i < kSize; ++i) {
    const int channel = share.channel + i;
    const float2 moment = moments[channel / (channels / groups)];
    factor[i] = ToFloat(scale[channel]) * moment.y;
    offset[i] = ToFloat(shift[channel]) - moment.x * factor[i];
  }
#pragma unroll 4
  for (int p = share.begin; p < share.end; p += lanes) {
    const long long place = share.first + (long long)p * channels;
    Vector<T> v = Load(x + place);
    for (int i = 0; i < kSize; ++i) {
      Round(Activate<kSilu>(ToFloat(v.values[i]) * factor[i] + offset[i]), &v.values[i]);
    }
    Store(v, y + place);
  }
}

// y += bias and, with a residual, that too; its rows and pixels lie so many elements apart.
template <typename T, bool kResidual>
__global__ void AddBias(T* y, const T* bias, const T* residual, long long residual_row,
                        long long residual_pixel, int pixels, int channels, int lanes, int chunk) {
  constexpr int kSize = Vector<T>::kSize;
  const Share<T> share(pixels, channels, lanes, chunk);
  if (share.lane >= lanes) return;
  const Vector<T> added = Load(bias + share.channel);
  const T* of_row = residual + residual_row * blockIdx.y + share.channel;
#pragma unroll 4
  for (int p = share.begin; p < share.end; p += lanes) {
    T* place = y + share.first + (long long)p * channels;
    Vector<T> v = Load(place);
    Vector<T> other = added;
    if (kResidual) other = Load(of_row + residual_pixel * p);
    for (int i = 0; i < kSize; ++i) {
      const float sum = ToFloat(v.values[i]) + ToFloat(added.values[i]);
      Round(kResidual ? sum + ToFloat(other.values[i]) : sum, &v.values[i]);
    }
    Store(v, place);
  }
}

// wide [tokens, 2 * out] to y [tokens, out], of so many vectors, one a thread.
template <typename T>
__global__ void Gate(const T* wide, T* y, long long vectors, int out) {
  constexpr int kSize = Vector<T>::kSize;
  const long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= vectors) return;
  const int vectors_of_token = out / kSize;
  const long long token = index / vectors_of_token;
  const T* value = wide + token * 2 * out + index % vectors_of_token * kSize;
  Vector<T> v = Load(value);
  const Vector<T> gate = Load(value + out);
  for (int i = 0; i < kSize; ++i) {
    const float g = ToFloat(gate.values[i]);
    Round(ToFloat(v.values[i]) * (0.5f * g * (1 + erff(g * 0.70710678f))), &v.values[i]);
  }
  Store(v, y + index * kSize);
}
)";

}  // namespace darkroom::diffusion
