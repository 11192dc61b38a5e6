/** @jsxImportSource hono/jsx */
import { raw } from "hono/html";
import type { FilePreview, RunFileFacts } from "../../api/mod.ts";
import { formatSize } from "../format.ts";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";
import { filePath, runPath } from "../paths.ts";

export interface FileProps {
  readonly file: RunFileFacts;
  readonly preview: FilePreview;
  /** A Markdown file as safe HTML. */
  readonly card: string | null;
}

/** One file that a run left. */
export function FilePage({ file, preview, card }: FileProps): Html {
  const { path, run_id, run_name, size } = file;
  return (
    <Layout title={path} section="runs">
      <div class="title">
        <h1>{path}</h1>
        <p class="facts">{formatSize(size)}</p>
        <a class="button" href={filePath(run_id, path)}>Download</a>
      </div>
      <p class="facts">
        Made by run <a href={runPath(run_id)}>{run_name}</a>
      </p>
      <section aria-label="What it holds">
        {card === null
          ? <Preview file={file} preview={preview} />
          : <div class="card whole" tabindex={0} role="region" aria-label={path}>{raw(card)}</div>}
      </section>
    </Layout>
  );
}

function Preview({ file, preview }: Omit<FileProps, "card">): Html {
  if (preview.kind === "picture") {
    return <img class="picture" src={filePath(file.run_id, file.path)} alt={file.path} />;
  }
  if (preview.kind === "none") {
    return (
      <p class="quiet-text">This file is no text and no picture: download it to look at it.</p>
    );
  }
  return (
    <>
      <pre class="file-text" tabindex={0}><code>{preview.text}</code></pre>
      {preview.isCut ? <p class="quiet-text">Only its beginning is shown.</p> : ""}
    </>
  );
}
