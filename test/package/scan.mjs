// Usage: node scan.mjs <directory> [pattern …]
// The part of n8n's scanner of published packages that needs no network. Without patterns: those for a source directory. Prints its verdict as JSON.

import { analyzePackage, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';

const [directory, ...patterns] = process.argv.slice(2);
const { passed, message, details } = await analyzePackage(directory, patterns.length > 0 ? patterns : SOURCE_FILE_PATTERNS);
process.stdout.write(JSON.stringify({ passed, message, details }));
