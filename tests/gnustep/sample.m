// A library to ask: test_gnustep_classes.py says what it lacks.
#import <Foundation/Foundation.h>

@protocol Named <NSObject>
- (NSString *)name;
@end

@interface Shape : NSObject <Named, NSCopying>
@property(nonatomic) float width;
+ (instancetype)shape;
@end

@implementation Shape
@dynamic width;

+ (instancetype)shape {
  return [[self new] autorelease];
}

- (NSString *)name {
  return @"shape";
}

- (float)width {
  return 1;
}

- (id)copyWithZone:(NSZone *)zone {
  return NSCopyObject(self, 0, zone);
}
@end

@interface Square : Shape
@end

@implementation Square
@end

double area(double side) { return side * side; }
