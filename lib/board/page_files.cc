#include "lib/board/page_files.h"

#include <algorithm>
#include <iterator>

#include "lib/board/page_files.inc"

namespace vedette::inline v0 {

const PageFile* FindPageFile(std::string_view path) {
  if (path == "/") path = "/index.html";
  const auto* const found = std::ranges::find(kPageFiles, path, &PageFile::path);
  return found == std::end(kPageFiles) ? nullptr : found;
}

}  // namespace vedette::inline v0
