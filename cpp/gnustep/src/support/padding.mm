#import "support/images.hpp"
#import "support/kernel.hpp"
#import "support/kernels.hpp"
#import "support/nodes.hpp"
#import "support/states.hpp"

namespace mpsnn::gnustep {

namespace {

class ClientPadding final : public NNPadding, public ClientObject {
 public:
  using ClientObject::ClientObject;

  NNPaddingMethod padding_method() const override {
    return call_client([this] { return NNPaddingMethod([policy() paddingMethod]); });
  }

  std::string label() const override {
    return call_client([this] { return has(@selector(label)) ? string_of([policy() label]) : std::string(); });
  }

  ImageDescriptor destination_image_descriptor_for_source_images(const ImageBatch &source_images, const StateBatch &source_states,
                                                                 CNNKernel &kernel,
                                                                 const ImageDescriptor &suggested_descriptor) override {
    if (!has(kAnswer)) return suggested_descriptor;
    // The client may keep the kernel, so it gets one of its own, and what it set is taken over.
    const auto seen = std::make_shared<CNNKernel>(kernel);
    ImageDescriptor chosen;
    call_client([&] {
      MPSImageDescriptor *descriptor =
          [policy() destinationImageDescriptorForSourceImages:objc_batch(source_images)
                                                 sourceStates:source_states.empty() ? nil : objc_state_batch(source_states)
                                                    forKernel:policy_kernel(seen)
                                          suggestedDescriptor:objc(suggested_descriptor)];
      chosen = *behind(object(), kAnswer, descriptor, "the result");
    });
    kernel = *seen;
    return chosen;
  }

  std::shared_ptr<NNPadding> inverse() const override {
    return call_client([this] { return has(@selector(inverse)) ? padding_of([policy() inverse]) : nullptr; });
  }

 private:
  const SEL kAnswer = @selector(destinationImageDescriptorForSourceImages:sourceStates:forKernel:suggestedDescriptor:);

  id<MPSNNPadding> policy() const { return object(); }
  bool has(SEL method) const {
    return call_client([&] { return bool([object() respondsToSelector:method]); });
  }
};

}  // namespace

std::shared_ptr<NNPadding> padding_of(id<MPSNNPadding> policy) {
  if ([(id)policy isKindOfClass:[MPSNNDefaultPadding class]]) return portable((MPSNNDefaultPadding *)policy);
  return adapter_for<ClientPadding>(policy);
}

id<MPSNNPadding> objc(const std::shared_ptr<NNPadding> &policy) {
  if (id client = client_object(policy)) return client;
  return standing_for<MPSNNDefaultPadding>(std::dynamic_pointer_cast<NNDefaultPadding>(policy),
                                           [] { return [MPSNNDefaultPadding alloc]; });
}

}  // namespace mpsnn::gnustep
