#pragma once

// Data sources that are ready to use: arrays and an optimizer that trains them.
#include "mpsnn/batch_normalization_weights.hpp"
#include "mpsnn/convolution_weights.hpp"
#include "mpsnn/normalization_weights.hpp"
