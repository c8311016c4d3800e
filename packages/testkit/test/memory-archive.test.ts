import { archiveCompliance, createArchiveDisk, createMemoryArchive } from "@micromarket/testkit";

archiveCompliance("the archive in memory", () => {
  const disk = createArchiveDisk();
  const open = () => createMemoryArchive({ disk });
  return { open, openAfterCrash: open, dispose: () => undefined };
});
