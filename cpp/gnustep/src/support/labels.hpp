#pragma once

#import <Foundation/Foundation.h>

#include "support/objects.hpp"

/// The property `label` over a std::string; empty is nil.
#define MPSNN_LABEL(place)                                                                                    \
  -(NSString *)label {                                                                                        \
    return mpsnn::gnustep::guarded([&] { return (place).empty() ? nil : mpsnn::gnustep::ns_string(place); }); \
  }                                                                                                           \
  -(void)setLabel : (NSString *)label {                                                                       \
    mpsnn::gnustep::guarded([&] { place = mpsnn::gnustep::string_of(label); });                               \
  }
