// Checks JSON against a table of objects and their members, for outputs in foreign schemas.
#ifndef VEDETTE_TESTS_SUPPORT_SHAPE_TABLE_H_
#define VEDETTE_TESTS_SUPPORT_SHAPE_TABLE_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::testing {

// What an object may hold, one text per object: members "name type", separated by commas. Types:
// "s" text, "i" integer, "n" number, "b" boolean, "j" anything, a name: an object of the table; in
// "[x]" a list of x, never empty. "i(1 2)" and "s(a b)" list the values that are allowed; "i+" not
// negative. A type that ends in "!" must be there. "any(a b)": one of these must be there.
using ShapeTable = std::map<std::string, std::string>;

// What is wrong with the JSON text as the table's object `name`; empty if nothing is.
std::vector<std::string> ShapeProblems(const ShapeTable& table, const std::string& name,
                                       std::string_view json);

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_SHAPE_TABLE_H_
