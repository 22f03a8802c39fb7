;; Does what the first byte of its selector says with what follows the selector.
(module
  (import "env" "memory" (memory 2 16))
  (import "seal0" "input" (func $input (param i32 i32)))
  (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
  (import "seal0" "call_chain_extension" (func $extension (param i32 i32 i32 i32 i32) (result i32)))
  (import "seal0" "deposit_event" (func $event (param i32 i32 i32 i32)))
  (import "seal0" "block_number" (func $block_number (param i32 i32)))
  (import "seal0" "now" (func $now (param i32 i32)))
  (import "seal0" "caller" (func $caller (param i32 i32)))
  (import "seal0" "value_transferred" (func $value (param i32 i32)))
  (import "seal1" "terminate" (func $terminate (param i32)))
  (import "seal1" "get_storage" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "seal2" "set_storage" (func $set (param i32 i32 i32 i32) (result i32)))

  ;; Length of the input at 0, of an output at 4; a storage key at 16; input at 1024; outputs at 32768.
  (data (i32.const 16) "key!")
  ;; The topics of an event, SCALE-encoded: one topic of 32 bytes 0x07.
  (data (i32.const 64) "\04\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07")

  (func $read
    (i32.store (i32.const 0) (i32.const 16384))
    (i32.store (i32.const 4) (i32.const 65536))
    (call $input (i32.const 1024) (i32.const 0)))
  (func $rest (result i32) (i32.sub (i32.load (i32.const 0)) (i32.const 4)))
  (func $is (param i32) (result i32) (i32.eq (i32.load8_u (i32.const 1024)) (local.get 0)))
  (func $output (call $return (i32.const 0) (i32.const 32768) (i32.load (i32.const 4))))

  ;; Returns what follows the selector; its first byte as flags when the selector begins with 1.
  (func $echo
    (if (call $is (i32.const 1)) (then (call $return (i32.const 1) (i32.const 1028) (call $rest))))
    (call $return (i32.const 0) (i32.const 1028) (call $rest)))

  (func (export "deploy")
    (call $read)
    (if (call $is (i32.const 2)) (then (unreachable)))
    (drop (call $set (i32.const 16) (i32.const 4) (i32.const 1028) (call $rest)))
    (call $echo))

  (func (export "call")
    (call $read)
    (if (call $is (i32.const 2)) (then (unreachable)))
    ;; 3: the chain extension's function that the selector's other bytes name.
    (if (call $is (i32.const 3)) (then
      (drop (call $extension (i32.shr_u (i32.load (i32.const 1024)) (i32.const 8)) (i32.const 1028) (call $rest) (i32.const 32768) (i32.const 4)))
      (call $output)))
    (if (call $is (i32.const 4)) (then
      (drop (call $set (i32.const 16) (i32.const 4) (i32.const 1028) (call $rest)))
      (call $return (i32.const 0) (i32.const 0) (i32.const 0))))
    (if (call $is (i32.const 5)) (then
      (drop (call $get (i32.const 16) (i32.const 4) (i32.const 32768) (i32.const 4)))
      (call $output)))
    (if (call $is (i32.const 6)) (then
      (call $event (i32.const 64) (i32.const 33) (i32.const 1028) (call $rest))
      (call $event (i32.const 64) (i32.const 0) (i32.const 1028) (i32.const 0))
      (call $return (i32.const 0) (i32.const 0) (i32.const 0))))
    (if (call $is (i32.const 7)) (then (call $block_number (i32.const 32768) (i32.const 4)) (call $output)))
    (if (call $is (i32.const 8)) (then (call $now (i32.const 32768) (i32.const 4)) (call $output)))
    (if (call $is (i32.const 9)) (then (call $caller (i32.const 32768) (i32.const 4)) (call $output)))
    (if (call $is (i32.const 10)) (then (call $value (i32.const 32768) (i32.const 4)) (call $output)))
    ;; 11: stores like 4, then reverts.
    (if (call $is (i32.const 11)) (then
      (drop (call $set (i32.const 16) (i32.const 4) (i32.const 1028) (call $rest)))
      (call $return (i32.const 1) (i32.const 0) (i32.const 0))))
    ;; 12: ends the contract; its balance goes to the account that follows the selector.
    (if (call $is (i32.const 12)) (then (call $terminate (i32.const 1028))))
    (call $echo)))
