// Texts that are made when somebody first asks for them.
#ifndef VEDETTE_LIB_PROGRAM_MADE_ONCE_H_
#define VEDETTE_LIB_PROGRAM_MADE_ONCE_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

namespace vedette::inline v0 {

// A fixed number of them; each stays as it was made. Thread-safe.
class MadeOnce {
 public:
  explicit MadeOnce(size_t count)
      : texts_(std::make_unique<std::atomic<const std::string*>[]>(count)), count_(count) {}
  MadeOnce(const MadeOnce&) = delete;
  MadeOnce& operator=(const MadeOnce&) = delete;
  ~MadeOnce() {
    for (size_t i = 0; i < count_; ++i) delete texts_[i].load(std::memory_order_relaxed);
  }

  // `make` gives the text; of several threads that ask first, all may call it.
  template <typename Make>
  const std::string& Get(size_t i, Make make) {
    std::atomic<const std::string*>& text = texts_[i];
    const std::string* there = text.load(std::memory_order_acquire);
    if (there != nullptr) return *there;
    auto made = std::make_unique<const std::string>(make());
    if (!text.compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return *there;
    return *made.release();
  }

 private:
  const std::unique_ptr<std::atomic<const std::string*>[]> texts_;
  const size_t count_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_MADE_ONCE_H_
