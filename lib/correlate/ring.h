// A queue that costs nothing beyond itself for one element: most keys never see a second record.
#ifndef VEDETTE_LIB_CORRELATE_RING_H_
#define VEDETTE_LIB_CORRELATE_RING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace vedette::inline v0 {

// One element lies within, more in a block whose size is a power of two and that shrinks again.
// `T` is default-constructible; unused places hold T(). At most 2^31 elements.
template <typename T>
class Ring {
 public:
  Ring() : one_() {}
  Ring(Ring&& other) noexcept : one_() { Steal(&other); }
  Ring& operator=(Ring&& other) noexcept {
    if (this != &other) {
      clear();
      Steal(&other);
    }
    return *this;
  }
  ~Ring() { Drop(); }

  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](uint32_t i) { return capacity_ == 1 ? one_ : many_[(head_ + i) & (capacity_ - 1)]; }
  const T& operator[](uint32_t i) const {
    return capacity_ == 1 ? one_ : many_[(head_ + i) & (capacity_ - 1)];
  }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  void push_back(T value) {
    if (size_ == capacity_) Resize(capacity_ == 1 ? 4 : capacity_ * 2);
    ++size_;
    back() = std::move(value);
  }
  void pop_front() {
    front() = T();
    --size_;
    if (capacity_ > 1) head_ = (head_ + 1) & (capacity_ - 1);
    Shrink();
  }
  void pop_back() {
    back() = T();
    --size_;
    Shrink();
  }
  // Moves what is behind it one place to the front.
  void erase(uint32_t at) {
    for (uint32_t i = at + 1; i < size_; ++i) (*this)[i - 1] = std::move((*this)[i]);
    pop_back();
  }
  // Gives the block back.
  void clear() {
    Drop();
    std::construct_at(&one_);
    capacity_ = 1;
    head_ = 0;
    size_ = 0;
  }
  size_t heap_bytes() const { return capacity_ == 1 ? 0 : capacity_ * sizeof(T); }

 private:
  void Drop() {
    if (capacity_ == 1) {
      std::destroy_at(&one_);
    } else {
      delete[] many_;
    }
  }
  // *this has no block and no element.
  void Steal(Ring* other) {
    if (other->capacity_ == 1) {
      one_ = std::exchange(other->one_, T());
    } else {
      std::destroy_at(&one_);
      many_ = other->many_;
      std::construct_at(&other->one_);
    }
    capacity_ = std::exchange(other->capacity_, 1);
    head_ = std::exchange(other->head_, 0);
    size_ = std::exchange(other->size_, 0);
  }
  void Shrink() {
    if (capacity_ > 8 && size_ < capacity_ / 4) Resize(capacity_ / 2);
  }
  void Resize(uint32_t capacity) {
    T* block = new T[capacity];
    for (uint32_t i = 0; i < size_; ++i) block[i] = std::move((*this)[i]);
    Drop();
    many_ = block;
    capacity_ = capacity;
    head_ = 0;
  }

  union {
    T one_;    // capacity 1
    T* many_;  // else
  };
  uint32_t capacity_ = 1;
  uint32_t head_ = 0;
  uint32_t size_ = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_RING_H_
