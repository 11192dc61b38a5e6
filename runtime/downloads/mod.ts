/**
 * Files from the web, each fetched once and kept.
 *
 * @module
 */
export { downloadFile, type DownloadOptions } from "./download_file.ts";
