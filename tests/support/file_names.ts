// Names that a file in a folder can have on every system, and names that it cannot.

/** Plain file names. */
export const FILE_NAMES: readonly string[] = [
  "a",
  "boy.jpg",
  "Größe 世界 🎉",
  "a..b",
  "-",
  "console",
];

/** Paths, devices, hidden files, and names that some system changes or refuses. */
export const OTHER_NAMES: readonly string[] = [
  ...["", ".", "..", ".hidden", "../x", "a/b", "a\\b", "/etc/passwd", "C:x"],
  ...["C:", "a\0b", "a\nb", "\x1b[2J", "\x9b2J", "a.", "a ", " a", "NUL"],
  ...["com1.txt", "COM¹", "nul .txt", "CONIN$", "a*", "ü".repeat(128)],
];
