/** No answer of a provider is longer, in bytes. Its packages read a line, or all of it, before they hand anything on. */
const maxBodyBytes = 32_000_000;

/** `fetch`, whose answers end with an error when they are longer than any answer of a model is. */
export const boundedFetch: typeof globalThis.fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (response.body === null) return response;
  let bytes = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes <= maxBodyBytes) controller.enqueue(chunk);
      // The connection is closed with it.
      else controller.error(new Error(`the answer is longer than ${maxBodyBytes} bytes`));
    },
  });
  return new Response(response.body.pipeThrough(counting), response);
};
