import { long } from "../../support/program.js";
import { startPostgres } from "../../support/services/postgres-server.js";
import { metricsContract } from "./contract.js";

if (long) metricsContract("PostgreSQL", startPostgres);
