#include "lib/eval/contained_finder.h"

#ifdef VEDETTE_VECTORSCAN
#include <hs/hs.h>
#endif

namespace vedette::inline v0 {

#ifdef VEDETTE_VECTORSCAN

struct VectorscanFinder::Impl {
  ~Impl() {
    hs_free_scratch(scratch);
    hs_free_database(database);
  }
  hs_database_t* database = nullptr;
  hs_scratch_t* scratch = nullptr;
};

std::unique_ptr<VectorscanFinder> VectorscanFinder::Make(LiteralFinder::Literals literals) {
  if (literals.empty() || literals.size() > UINT32_MAX || hs_valid_platform() != HS_SUCCESS) {
    return nullptr;
  }
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  std::vector<unsigned> numbers;
  for (const auto& [text, number] : literals) {
    texts.push_back(text.data());
    sizes.push_back(text.size());
    numbers.push_back(number);
  }
  const std::vector<unsigned> flags(literals.size(), HS_FLAG_SINGLEMATCH);
  std::unique_ptr<VectorscanFinder> finder(new VectorscanFinder);
  finder->impl_ = std::make_unique<Impl>();
  Impl& impl = *finder->impl_;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(texts.data(), flags.data(), numbers.data(), sizes.data(),
                           static_cast<unsigned>(literals.size()), HS_MODE_BLOCK, nullptr,
                           &impl.database, &error) != HS_SUCCESS) {
    hs_free_compile_error(error);
    return nullptr;
  }
  if (hs_alloc_scratch(impl.database, &impl.scratch) != HS_SUCCESS) return nullptr;
  return finder;
}

bool VectorscanFinder::Find(std::string_view text, std::vector<uint32_t>* found) const {
  if (text.size() > UINT32_MAX) return false;
  const auto add = [](unsigned number, unsigned long long /*from*/, unsigned long long /*to*/,
                      unsigned /*flags*/, void* context) {
    static_cast<std::vector<uint32_t>*>(context)->push_back(number);
    return 0;
  };
  return hs_scan(impl_->database, text.data(), static_cast<unsigned>(text.size()), 0,
                 impl_->scratch, add, found) == HS_SUCCESS;
}

#else

struct VectorscanFinder::Impl {};

std::unique_ptr<VectorscanFinder> VectorscanFinder::Make(LiteralFinder::Literals /*literals*/) {
  return nullptr;
}

bool VectorscanFinder::Find(std::string_view /*text*/, std::vector<uint32_t>* /*found*/) const {
  return false;
}

#endif

VectorscanFinder::~VectorscanFinder() = default;

bool ContainedFinder::FindLong(std::string_view text) const {
  if (long_ == nullptr) return false;
  if (long_->seen < kTextsBefore) {
    if (++long_->seen < kTextsBefore) return false;
    long_->vectorscan = VectorscanFinder::Make(long_->literals);
    long_->literals = {};
  }
  long_->found.clear();
  return long_->vectorscan != nullptr && long_->vectorscan->Find(text, &long_->found);
}

}  // namespace vedette::inline v0
