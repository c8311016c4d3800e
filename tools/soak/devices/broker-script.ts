/** The simulator's own broker in a process of its own, so that it can be killed. Usage: broker-script PORT. */
import { startEmbeddedBroker } from "@micromarket/device-simulator";

await startEmbeddedBroker("127.0.0.1", Number(process.argv[2]));
