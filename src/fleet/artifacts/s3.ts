import { createHash } from "node:crypto";
import type * as S3 from "@aws-sdk/client-s3";
import { loadPackage } from "../../base/packages/added.js";
import { howToAdd } from "../../base/packages/parts.js";
import { messageOf, SettingsError } from "../../errors.js";
import { StoreDownError } from "../store/run-store.js";
import type { ArtifactsAddress } from "./address.js";
import type { Artifacts } from "./artifacts.js";

type S3Address = Extract<ArtifactsAddress, { kind: "s3" }>;
type Variable = (name: string) => string | undefined;

const connectMs = 5_000;
/** For a content of a few MB. */
const answerMs = 60_000;

/**
 * Contents as objects in a bucket. `variable` gives the usual AWS_ variables; where there are none, the client looks in the places that it
 * knows. Throws SettingsError where the client is missing.
 */
export async function openS3Artifacts(address: S3Address, variable: Variable): Promise<Artifacts> {
  const library = await loadLibrary();
  const { bucket, prefix } = address;
  const client = new library.S3Client(configurationOf(address, variable));
  const place = `s3://${bucket}/${prefix}`;
  const told = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (thrown) {
      const { name, $metadata } = thrown as { name?: string; $metadata?: { httpStatusCode?: number } };
      const code = [name, $metadata?.httpStatusCode].filter((one) => one !== undefined && one !== "Error").join(" ");
      throw new StoreDownError(`${place} cannot be used (${code === "" ? "" : `${code}: `}${messageOf(thrown)}).`, {
        cause: thrown,
      });
    }
  };
  const keyOf = (name: string) => ({ Bucket: bucket, Key: `${prefix}${name}` });
  const remove = (name: string): Promise<void> =>
    told(client.send(new library.DeleteObjectCommand(keyOf(name))).then(() => undefined));
  const list = (folder: string): Promise<string[]> => told(namesBelow(library, client, bucket, prefix, folder));
  return {
    place,
    async put(name, bytes) {
      // The server looks whether all of it has arrived.
      const ChecksumSHA256 = createHash("sha256").update(bytes).digest("base64");
      await told(client.send(new library.PutObjectCommand({ ...keyOf(name), Body: bytes, ChecksumSHA256 })));
    },
    get: (name) => told(read(client.send(new library.GetObjectCommand(keyOf(name))))),
    list,
    remove,
    async removeAll(folder) {
      for (const name of await list(folder)) await remove(name);
    },
    close: () => client.destroy(),
  };
}

type Library = typeof S3;

async function loadLibrary(): Promise<Library> {
  const name = "@aws-sdk/client-s3";
  try {
    return await loadPackage(name, () => import("@aws-sdk/client-s3"));
  } catch (cause) {
    throw new SettingsError(`ARTIFACTS_URL names an S3 bucket, and the package ${name} is missing. ${howToAdd("s3")}`, {
      cause,
    });
  }
}

function configurationOf({ endpoint, region }: S3Address, variable: Variable): S3.S3ClientConfig {
  const accessKeyId = variable("AWS_ACCESS_KEY_ID");
  const secretAccessKey = variable("AWS_SECRET_ACCESS_KEY");
  const sessionToken = variable("AWS_SESSION_TOKEN");
  const known = endpoint ?? variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL");
  const where = region ?? variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION");
  return {
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      }),
    // Servers of others have one name for all buckets, and seldom a region.
    ...(known !== undefined && { endpoint: known, forcePathStyle: true, region: where ?? "us-east-1" }),
    ...(where !== undefined && { region: where }),
    // Not all servers know the checksums that the client would add; each content is checked by its hash.
    ...{ requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" },
    requestHandler: { connectionTimeout: connectMs, requestTimeout: answerMs, throwOnRequestTimeout: true },
  };
}

async function read(
  answer: Promise<{ Body?: { transformToByteArray(): Promise<Uint8Array> } | undefined }>,
): Promise<Buffer | null> {
  try {
    const { Body } = await answer;
    return Body === undefined ? null : Buffer.from(await Body.transformToByteArray());
  } catch (thrown) {
    if ((thrown as Error).name === "NoSuchKey") return null;
    throw thrown;
  }
}

async function namesBelow(
  library: Library,
  client: S3.S3Client,
  bucket: string,
  prefix: string,
  folder: string,
): Promise<string[]> {
  const names: string[] = [];
  let from: string | undefined;
  do {
    const given = {
      Bucket: bucket,
      Prefix: `${prefix}${folder}/`,
      ...(from !== undefined && { ContinuationToken: from }),
    };
    const { Contents = [], NextContinuationToken } = await client.send(new library.ListObjectsV2Command(given));
    names.push(...Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key.slice(prefix.length)])));
    from = NextContinuationToken;
  } while (from !== undefined);
  return names;
}
