// Read by drizzle-kit only: see README.md.
export default {
  dialect: "sqlite",
  schema: "./runtime/store/schema.ts",
  out: "./runtime/store/migrations",
} as const;
