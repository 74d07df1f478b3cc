#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_CEPHES_MATH_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_CEPHES_MATH_H_

namespace darkroom::diffusion {

// Single precision functions with the roundings that torch's random numbers have on the CPU. torch
// computes them eight at a time by the polynomials of Moshier's Cephes library (logf, sinf, cosf),
// with fused multiply-adds where its compiler put them; these do the same operations on one value,
// on any machine. The C library's functions are as accurate and differ in the last bit.

// x above 0.
float CephesLog(float x);

struct SineAndCosine {
  float sine = 0;
  float cosine = 0;
};

// x in [0, 2π].
SineAndCosine CephesSineAndCosine(float x);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_CEPHES_MATH_H_
