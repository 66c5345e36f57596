#import "support/vectors.hpp"

#import "support/behind.hpp"
#import "support/metal.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSVectorDescriptor

MPSNN_ROOT_IMPLEMENTATION(VectorDescriptor)

+ (instancetype)vectorDescriptorWithLength:(NSUInteger)length dataType:(MPSDataType)dataType {
  return [self vectorDescriptorWithLength:length vectors:1 vectorBytes:0 dataType:dataType];
}

+ (instancetype)vectorDescriptorWithLength:(NSUInteger)length
                                   vectors:(NSUInteger)vectors
                               vectorBytes:(NSUInteger)vectorBytes
                                  dataType:(MPSDataType)dataType {
  return [made([self alloc], [&] {
    return std::make_shared<VectorDescriptor>(VectorDescriptor{length, vectors, vectorBytes, DataType(dataType)});
  }) autorelease];
}

+ (size_t)vectorBytesForLength:(NSUInteger)length dataType:(MPSDataType)dataType {
  return guarded([&] { return VectorDescriptor::vector_bytes_for_length(length, DataType(dataType)); });
}

MPSNN_PROPERTY(NSUInteger, length, setLength, as<VectorDescriptor>(self).length)
MPSNN_PROPERTY(MPSDataType, dataType, setDataType, as<VectorDescriptor>(self).data_type)
MPSNN_READONLY(NSUInteger, vectors, as<VectorDescriptor>(self).vectors)

- (NSUInteger)vectorBytes {
  return guarded([&] {
    const auto &d = as<VectorDescriptor>(self);
    return d.vector_bytes ? d.vector_bytes : VectorDescriptor::vector_bytes_for_length(d.length, d.data_type);
  });
}

@end

@implementation MPSMatrixDescriptor

MPSNN_ROOT_IMPLEMENTATION(MatrixDescriptor)

+ (instancetype)matrixDescriptorWithDimensions:(NSUInteger)rows
                                       columns:(NSUInteger)columns
                                      rowBytes:(NSUInteger)rowBytes
                                      dataType:(MPSDataType)dataType {
  return [self matrixDescriptorWithRows:rows columns:columns rowBytes:rowBytes dataType:dataType];
}

+ (instancetype)matrixDescriptorWithRows:(NSUInteger)rows
                                 columns:(NSUInteger)columns
                                rowBytes:(NSUInteger)rowBytes
                                dataType:(MPSDataType)dataType {
  return [self matrixDescriptorWithRows:rows columns:columns matrices:1 rowBytes:rowBytes matrixBytes:0 dataType:dataType];
}

+ (instancetype)matrixDescriptorWithRows:(NSUInteger)rows
                                 columns:(NSUInteger)columns
                                matrices:(NSUInteger)matrices
                                rowBytes:(NSUInteger)rowBytes
                             matrixBytes:(NSUInteger)matrixBytes
                                dataType:(MPSDataType)dataType {
  return [made([self alloc], [&] {
    return std::make_shared<MatrixDescriptor>(
        MatrixDescriptor{rows, columns, matrices, rowBytes, matrixBytes, DataType(dataType)});
  }) autorelease];
}

+ (size_t)rowBytesFromColumns:(NSUInteger)columns dataType:(MPSDataType)dataType {
  return [self rowBytesForColumns:columns dataType:dataType];
}

+ (size_t)rowBytesForColumns:(NSUInteger)columns dataType:(MPSDataType)dataType {
  return guarded([&] { return MatrixDescriptor::row_bytes_for_columns(columns, DataType(dataType)); });
}

MPSNN_PROPERTY(NSUInteger, rows, setRows, as<MatrixDescriptor>(self).rows)
MPSNN_PROPERTY(NSUInteger, columns, setColumns, as<MatrixDescriptor>(self).columns)
MPSNN_PROPERTY(MPSDataType, dataType, setDataType, as<MatrixDescriptor>(self).data_type)
MPSNN_READONLY(NSUInteger, matrices, as<MatrixDescriptor>(self).matrices)

- (NSUInteger)rowBytes {
  return guarded([&] {
    const auto &d = as<MatrixDescriptor>(self);
    return d.row_bytes ? d.row_bytes : MatrixDescriptor::row_bytes_for_columns(d.columns, d.data_type);
  });
}

- (void)setRowBytes:(NSUInteger)rowBytes {
  guarded([&] { as<MatrixDescriptor>(self).row_bytes = rowBytes; });
}

- (NSUInteger)matrixBytes {
  const NSUInteger rowBytes = [self rowBytes];
  return guarded([&] {
    const auto &d = as<MatrixDescriptor>(self);
    return d.matrix_bytes ? d.matrix_bytes : d.rows * rowBytes;
  });
}

@end

@implementation MPSVector

MPSNN_ROOT_IMPLEMENTATION(Vector)

- (instancetype)initWithBuffer:(id<MTLBuffer>)buffer descriptor:(MPSVectorDescriptor *)descriptor {
  return [self initWithBuffer:buffer offset:0 descriptor:descriptor];
}

- (instancetype)initWithBuffer:(id<MTLBuffer>)buffer offset:(NSUInteger)offset descriptor:(MPSVectorDescriptor *)descriptor {
  return made(self,
              [&] { return std::make_shared<Vector>(buffer_of(MPSNN_REQUIRE(buffer)), *MPSNN_BEHIND(descriptor), offset); });
}

- (instancetype)initWithDevice:(id<MTLDevice>)device descriptor:(MPSVectorDescriptor *)descriptor {
  return made(self, [&] { return std::make_shared<Vector>(device_of(MPSNN_REQUIRE(device)), *MPSNN_BEHIND(descriptor)); });
}

MPSNN_READONLY(id<MTLDevice>, device, objc(as<Vector>(self).device()))
MPSNN_READONLY(NSUInteger, length, as<Vector>(self).length())
MPSNN_READONLY(NSUInteger, vectors, as<Vector>(self).vectors())
MPSNN_READONLY(MPSDataType, dataType, as<Vector>(self).data_type())
MPSNN_READONLY(NSUInteger, vectorBytes, as<Vector>(self).vector_bytes())
MPSNN_READONLY(NSUInteger, offset, as<Vector>(self).offset())
MPSNN_READONLY(id<MTLBuffer>, data, objc(as<Vector>(self).data()))
MPSNN_READONLY(NSUInteger, resourceSize, as<Vector>(self).resource_size())

- (void)synchronizeOnCommandBuffer:(id<MTLCommandBuffer>)commandBuffer {
  guarded([&] { as<Vector>(self).synchronize_on_command_buffer(command_buffer_of(MPSNN_REQUIRE(commandBuffer))); });
}

@end

@implementation MPSMatrix

MPSNN_ROOT_IMPLEMENTATION(Matrix)

- (instancetype)initWithBuffer:(id<MTLBuffer>)buffer descriptor:(MPSMatrixDescriptor *)descriptor {
  return [self initWithBuffer:buffer offset:0 descriptor:descriptor];
}

- (instancetype)initWithBuffer:(id<MTLBuffer>)buffer offset:(NSUInteger)offset descriptor:(MPSMatrixDescriptor *)descriptor {
  return made(self,
              [&] { return std::make_shared<Matrix>(buffer_of(MPSNN_REQUIRE(buffer)), *MPSNN_BEHIND(descriptor), offset); });
}

- (instancetype)initWithDevice:(id<MTLDevice>)device descriptor:(MPSMatrixDescriptor *)descriptor {
  return made(self, [&] { return std::make_shared<Matrix>(device_of(MPSNN_REQUIRE(device)), *MPSNN_BEHIND(descriptor)); });
}

MPSNN_READONLY(id<MTLDevice>, device, objc(as<Matrix>(self).device()))
MPSNN_READONLY(NSUInteger, rows, as<Matrix>(self).rows())
MPSNN_READONLY(NSUInteger, columns, as<Matrix>(self).columns())
MPSNN_READONLY(NSUInteger, matrices, as<Matrix>(self).matrices())
MPSNN_READONLY(MPSDataType, dataType, as<Matrix>(self).data_type())
MPSNN_READONLY(NSUInteger, rowBytes, as<Matrix>(self).row_bytes())
MPSNN_READONLY(NSUInteger, matrixBytes, as<Matrix>(self).matrix_bytes())
MPSNN_READONLY(NSUInteger, offset, as<Matrix>(self).offset())
MPSNN_READONLY(id<MTLBuffer>, data, objc(as<Matrix>(self).data()))
MPSNN_READONLY(NSUInteger, resourceSize, as<Matrix>(self).resource_size())

- (void)synchronizeOnCommandBuffer:(id<MTLCommandBuffer>)commandBuffer {
  guarded([&] { as<Matrix>(self).synchronize_on_command_buffer(command_buffer_of(MPSNN_REQUIRE(commandBuffer))); });
}

@end
