;; Scores rows of 8-bit numbers against a query of 16-bit numbers and says how far each score can be from the exact one.
;;
;; A row is `width` signed bytes (a multiple of 32), then four float32: scale, norm, error, unused.
;; For each row, with dot = the sum of byte times query number (a whole number; see compress-vector.ts):
;;   score  = dot * (scale * queryScale)
;;   margin = error * queryNorm + norm * queryError
;; score + margin, which no exact score exceeds, goes to `upper` as float64.
(module
  (memory (export "memory") 1 65536)
  (func (export "scan")
    (param $row i32) (param $count i32) (param $width i32) (param $query i32) (param $upper i32)
    (param $queryScale f64) (param $queryNorm f64) (param $queryError f64)
    (local $end i32) (local $at i32)
    (local $first v128) (local $second v128) (local $third v128) (local $fourth v128)
    (local $bytes v128) (local $score f64) (local $margin f64)
    (block $done
      (loop $rows
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $first (v128.const i64x2 0 0))
        (local.set $second (v128.const i64x2 0 0))
        (local.set $third (v128.const i64x2 0 0))
        (local.set $fourth (v128.const i64x2 0 0))
        (local.set $end (i32.add (local.get $row) (local.get $width)))
        (local.set $at (local.get $query))
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
          (br_if $bytesOfRow (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 32))) (local.get $end))))
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
        (local.set $margin (f64.add
          (f64.mul (f64.promote_f32 (f32.load offset=8 (local.get $row))) (local.get $queryNorm))
          (f64.mul (f64.promote_f32 (f32.load offset=4 (local.get $row))) (local.get $queryError))))
        (f64.store (local.get $upper) (f64.add (local.get $score) (local.get $margin)))
        (local.set $row (i32.add (local.get $row) (i32.const 16)))
        (local.set $upper (i32.add (local.get $upper) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $rows)))))
