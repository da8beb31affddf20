#include "lib/board/board_authorizer.h"

namespace vedette::inline v0 {

Authorization BoardAuthorizer::Authorize(const Actor& actor, const Action& action) const {
  if (actor.automation) return {true, "the library's own", ""};
  if (policy_ == nullptr) return {true, "there is no policy", ""};
  if (second_ == nullptr) {
    const Authorization alone = policy_->Authorize(actor, action);
    if (!alone.allowed && policy_->NeedsFourEyes(action)) {
      // Would it do if somebody else agreed?
      Action agreed = action;
      agreed.attributes.emplace_back("approved_by", actor.id + "?");
      wants_second_ = policy_->Authorize(actor, agreed).allowed;
    }
    return alone;
  }
  Action agreed = action;
  agreed.attributes.emplace_back("approved_by", second_->id);
  const Authorization first = policy_->Authorize(actor, agreed);
  if (!first.allowed) return first;
  agreed.attributes.back().second = actor.id;
  Authorization other = policy_->Authorize(*second_, agreed);
  if (!other.allowed) other.reason = "the second person may not: " + other.reason;
  return other.allowed ? first : other;
}

}  // namespace vedette::inline v0
