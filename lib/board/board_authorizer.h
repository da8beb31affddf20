// Who may do what on a board.
#ifndef VEDETTE_LIB_BOARD_BOARD_AUTHORIZER_H_
#define VEDETTE_LIB_BOARD_BOARD_AUTHORIZER_H_

#include <memory>
#include <utility>

#include "vedette/response/policy.h"

namespace vedette::inline v0 {

// The policy's answer, if there is a policy; what the library does itself (merging, opening again)
// nobody need allow. A second person who agrees must have the right himself. Thread-compatible.
class BoardAuthorizer : public Authorizer {
 public:
  explicit BoardAuthorizer(std::shared_ptr<const Policy> policy) : policy_(std::move(policy)) {}

  Authorization Authorize(const Actor& actor, const Action& action) const override;

  // For the next changes; null: nobody. Must outlive them.
  void set_second(const Actor* second) { second_ = second; }
  // Whether the last refusal was only for want of a second person.
  bool wants_second() const { return wants_second_; }
  void ForgetRefusal() { wants_second_ = false; }

 private:
  const std::shared_ptr<const Policy> policy_;
  const Actor* second_ = nullptr;
  // Written by a const call: the interface lets nothing else come back from within a change.
  mutable bool wants_second_ = false;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BOARD_BOARD_AUTHORIZER_H_
