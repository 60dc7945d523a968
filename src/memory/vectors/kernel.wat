;; Scores rows of 8-bit numbers against a query of 16-bit numbers and says how far each score can be from the exact one.
;;
;; A row is `width` signed bytes (a multiple of 32), then four float32: scale, norm, error, along.
;; For each row, with dot = the sum of byte times query number (a whole number; see compress.ts):
;;   score  = dot * (scale * queryScale) + along * queryAlong
;;   margin = error * queryNorm + norm * queryError + slack
;; score + margin, which no exact score exceeds, goes to `upper` as float64; the highest of them is the result.
;; At `sums` are the running sums of the rows' bytes that row-sums.ts describes; they go on from what they were. None are made where it is 0.
(module
  (memory (export "memory") 1 65536)
  (func (export "scan")
    (param $row i32) (param $count i32) (param $width i32) (param $query i32) (param $upper i32)
    (param $sums i32) (param $queryScale f64) (param $queryNorm f64) (param $queryError f64)
    (param $queryAlong f64) (param $slack f64) (result f64)
    (local $end i32) (local $at i32)
    (local $first v128) (local $second v128) (local $third v128) (local $fourth v128)
    (local $bytes v128) (local $sum v128) (local $ofSums v128)
    (local $score f64) (local $margin f64) (local $highest f64)
    (local.set $highest (f64.const -inf))
    (if (local.get $sums)
      (then
        (local.set $sum (v128.load (local.get $sums)))
        (local.set $ofSums (v128.load offset=16 (local.get $sums)))))
    (block $done
      (loop $rows
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $first (v128.const i64x2 0 0))
        (local.set $second (v128.const i64x2 0 0))
        (local.set $third (v128.const i64x2 0 0))
        (local.set $fourth (v128.const i64x2 0 0))
        (local.set $end (i32.add (local.get $row) (local.get $width)))
        (local.set $at (local.get $query))
        (if (local.get $sums)
          (then
            (loop $summedBytesOfRow
              (local.set $bytes (v128.load (local.get $row)))
              (local.set $ofSums (i32x4.add (local.get $ofSums)
                (local.tee $sum (i32x4.add (local.get $sum) (local.get $bytes)))))
              (local.set $first (i32x4.add (local.get $first)
                (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $bytes)) (v128.load (local.get $at)))))
              (local.set $second (i32x4.add (local.get $second)
                (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $bytes)) (v128.load offset=16 (local.get $at)))))
              (local.set $bytes (v128.load offset=16 (local.get $row)))
              (local.set $ofSums (i32x4.add (local.get $ofSums)
                (local.tee $sum (i32x4.add (local.get $sum) (local.get $bytes)))))
              (local.set $third (i32x4.add (local.get $third)
                (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $bytes)) (v128.load offset=32 (local.get $at)))))
              (local.set $fourth (i32x4.add (local.get $fourth)
                (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $bytes)) (v128.load offset=48 (local.get $at)))))
              (local.set $at (i32.add (local.get $at) (i32.const 64)))
              (br_if $summedBytesOfRow (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 32))) (local.get $end))))
            (local.set $ofSums (i32x4.add (local.get $ofSums)
              (local.tee $sum (i32x4.add (local.get $sum) (v128.load (local.get $row)))))))
          (else
            (loop $bytesOfRow
              (local.set $bytes (v128.load (local.get $row)))
              (local.set $first (i32x4.add (local.get $first)
                (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $bytes)) (v128.load (local.get $at)))))
              (local.set $second (i32x4.add (local.get $second)
                (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $bytes)) (v128.load offset=16 (local.get $at)))))
              (local.set $bytes (v128.load offset=16 (local.get $row)))
              (local.set $third (i32x4.add (local.get $third)
                (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $bytes)) (v128.load offset=32 (local.get $at)))))
              (local.set $fourth (i32x4.add (local.get $fourth)
                (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $bytes)) (v128.load offset=48 (local.get $at)))))
              (local.set $at (i32.add (local.get $at) (i32.const 64)))
              (br_if $bytesOfRow (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 32))) (local.get $end))))))
        (local.set $first (i32x4.add
          (i32x4.add (local.get $first) (local.get $second))
          (i32x4.add (local.get $third) (local.get $fourth))))
        (local.set $score (f64.mul
          (f64.add
            (f64.add (f64.convert_i32_s (i32x4.extract_lane 0 (local.get $first)))
                     (f64.convert_i32_s (i32x4.extract_lane 1 (local.get $first))))
            (f64.add (f64.convert_i32_s (i32x4.extract_lane 2 (local.get $first)))
                     (f64.convert_i32_s (i32x4.extract_lane 3 (local.get $first)))))
          (f64.mul (f64.promote_f32 (f32.load (local.get $row))) (local.get $queryScale))))
        (local.set $score (f64.add (local.get $score)
          (f64.mul (f64.promote_f32 (f32.load offset=12 (local.get $row))) (local.get $queryAlong))))
        (local.set $margin (f64.add
          (f64.add
            (f64.mul (f64.promote_f32 (f32.load offset=8 (local.get $row))) (local.get $queryNorm))
            (f64.mul (f64.promote_f32 (f32.load offset=4 (local.get $row))) (local.get $queryError)))
          (local.get $slack)))
        (local.set $score (f64.add (local.get $score) (local.get $margin)))
        (f64.store (local.get $upper) (local.get $score))
        (local.set $highest (f64.max (local.get $highest) (local.get $score)))
        (local.set $row (i32.add (local.get $row) (i32.const 16)))
        (local.set $upper (i32.add (local.get $upper) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $rows)))
    (if (local.get $sums)
      (then
        (v128.store (local.get $sums) (local.get $sum))
        (v128.store offset=16 (local.get $sums) (local.get $ofSums))))
    (local.get $highest)))
