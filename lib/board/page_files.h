// The files of the board's page, which are in the program.
#ifndef VEDETTE_LIB_BOARD_PAGE_FILES_H_
#define VEDETTE_LIB_BOARD_PAGE_FILES_H_

#include <string_view>

namespace vedette::inline v0 {

struct PageFile {
  std::string_view path;  // "/queue.mjs"
  std::string_view type;
  std::string_view text;
};

// "/" is index.html. Null if there is no such file.
const PageFile* FindPageFile(std::string_view path);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BOARD_PAGE_FILES_H_
