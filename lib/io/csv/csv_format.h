// What a line tells of a table.
#ifndef VEDETTE_LIB_IO_CSV_CSV_FORMAT_H_
#define VEDETTE_LIB_IO_CSV_CSV_FORMAT_H_

#include <string_view>

namespace vedette::inline v0 {

// The one of `,` `;` tab `|` of which `line` has most outside of quotes; `,` if none.
char LikelyDelimiter(std::string_view line);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_CSV_CSV_FORMAT_H_
