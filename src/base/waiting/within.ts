/** What this comes to. Throws where it takes longer than so many milliseconds; it goes on then, and nobody hears what becomes of it. */
export function within<Result>(work: Promise<Result>, milliseconds: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`It took longer than ${milliseconds / 1000} s.`)), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
