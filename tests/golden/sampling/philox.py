"""torch.randn of a CUDA device: Philox4x32-10 (Salmon et al. 2011), Box-Muller's sine half."""

import numpy as np
import torch


class Philox:
    def __init__(self, seed):
        self.seed, self.draw = int(seed), 0

    def randn(self, shape):
        n = int(np.prod(shape))
        c = [np.full(n, self.draw, np.uint64), np.zeros(n, np.uint64),
             np.arange(n, dtype=np.uint64), np.zeros(n, np.uint64)]
        key = [self.seed & 0xFFFFFFFF, self.seed >> 32]
        low = np.uint64(0xFFFFFFFF)
        for _ in range(10):
            p, q = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
            shift = np.uint64(32)
            c = [(q >> shift) ^ c[1] ^ np.uint64(key[0]), q & low,
                 (p >> shift) ^ c[3] ^ np.uint64(key[1]), p & low]
            key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
        self.draw += 1
        part, angle = np.float32(2.3283064e-10), np.float32(2.3283064e-10 * 6.2831855)
        u = c[0].astype(np.float64) * part + np.float64(part / np.float32(2))
        v = c[1].astype(np.float64) * angle + np.float64(angle / np.float32(2))
        values = np.sqrt(-2.0 * np.log(u)) * np.sin(v)
        return torch.from_numpy(values.astype(np.float32)).reshape(shape)
