import { createClient } from "@libsql/client";
console.log(typeof createClient);
