#pragma once

#import <Foundation/Foundation.h>

#include "support/objects.hpp"

/// The property `label` over a std::string; empty is nil.
#define MPSNN_LABEL(place)                                           \
  -(NSString *)label {                                               \
    return (place).empty() ? nil : mpsnn::gnustep::ns_string(place); \
  }                                                                  \
  -(void)setLabel : (NSString *)label {                              \
    place = mpsnn::gnustep::string_of(label);                        \
  }
