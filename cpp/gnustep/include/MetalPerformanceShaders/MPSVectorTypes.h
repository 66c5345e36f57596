// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSVECTORTYPES_H
#define METALPERFORMANCESHADERS_MPSVECTORTYPES_H

typedef float vector_float2 __attribute__((ext_vector_type(2)));

#endif
