namespace Optc.Compiler

open System.Runtime.CompilerServices
open System.Runtime.ExceptionServices
open System.Threading

module DeepStack =
    /// Bytes of a stack added when the present one is nearly used up.
    let private segment = 64 <<< 20

    /// Runs an action on a fresh thread with a stack of the given size.
    let onThread (bytes: int) (action: unit -> 'T) : 'T =
        let result = ref Unchecked.defaultof<'T>
        let failure: ExceptionDispatchInfo option ref = ref None

        let thread =
            Thread(
                (fun () ->
                    try
                        result.Value <- action ()
                    with e ->
                        failure.Value <- Some(ExceptionDispatchInfo.Capture e)),
                bytes
            )

        thread.Start()
        thread.Join()
        failure.Value |> Option.iter _.Throw()
        result.Value

    /// Runs an action with enough stack for it, on a fresh thread when this one's is nearly used up: recursive data may
    /// be a hundred thousand levels deep.
    let run (action: unit -> 'T) : 'T =
        if RuntimeHelpers.TryEnsureSufficientExecutionStack() then
            action ()
        else
            onThread segment action
