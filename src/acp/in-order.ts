import { TransformStream, type ReadableStream } from "node:stream/web";

/**
 * The same messages, each handed on when the handler of the one before it has begun. The library looks for a handler by promises,
 * one for each that it knows: of two messages that come together, the later could begin first, and a prompt outlive what takes it back.
 */
export const inOrder = <Message>(messages: ReadableStream<Message>): ReadableStream<Message> =>
  messages.pipeThrough(
    new TransformStream<Message, Message>({
      async transform(message, controller) {
        controller.enqueue(message);
        await new Promise((resolve) => setImmediate(resolve));
      },
    }),
  );
