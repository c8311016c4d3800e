/** A street that is traded from outside: the real engine, group by group, behind a desk that is durable in memory. */
import { apply, type Command, type Executed } from "@micromarket/engine";
import { createMemoryArchive } from "@micromarket/testkit";
