// Value trees for tests, from JSON text.
#ifndef VEDETTE_TESTS_SUPPORT_TREE_H_
#define VEDETTE_TESTS_SUPPORT_TREE_H_

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "vedette/event.h"
#include "vedette/json.h"

namespace vedette::testing {

// Parses `json` into a fresh event; fails the test if it is no JSON.
inline Event EventOf(std::string_view json) {
  Event event;
  JsonParser parser;
  const absl::Status status = parser.Parse(json, &event);
  EXPECT_TRUE(status.ok()) << status << " in " << json;
  return event;
}

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_TREE_H_
