#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_BETA_QUANTILE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_BETA_QUANTILE_H_

namespace darkroom::diffusion {

// The regularised incomplete beta function I_x(a, b): the probability that a value of the beta
// distribution lies below x. x in [0, 1], a and b above 0.
double BetaProbability(double x, double a, double b);

// Its inverse in x for a probability in [0, 1] (scipy.stats.beta.ppf), to about 1e-13.
double BetaQuantile(double probability, double a, double b);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_BETA_QUANTILE_H_
