namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Runtime.Templates

/// A function that .nl files have no operator for, met in a template.
exception NlUnsupported of template: string * op: Op

/// A number that .nl files cannot hold, met in a template.
exception NlNotFinite of template: string * value: float

/// An addend that is not linear: coefficient · body.
[<Struct>]
type NlAddend =
    {
        /// A node without slots
        Coefficient: int
        Body: int
        /// The slots that the body reads
        Slots: int[]
    }

/// An expression of a template as a sum of parts: what a .nl file wants apart. An addend is linear when it is a variable
/// times data; a sum with linear parts is multiplied out, others stay as they are.
[<Sealed>]
type NlTemplate(template: Template, description: Templates.Description, variables: int) =
    let graph = Graph()

    let root =
        (description.Graph.CopyTo(graph, [| description.Root |], graph.Slot, graph.Datum))[0]

    let dependsCache = Dictionary<int, bool>()

    let rec hasSlot (id: int) : bool =
        if id < 0 then
            false
        else
            match dependsCache.TryGetValue id with
            | true, known -> known
            | _ ->
                let node = graph[id]

                let result =
                    match node.Kind with
                    | NodeKind.SlotNode -> true
                    | NodeKind.OperatorNode -> hasSlot node.A || hasSlot node.B || hasSlot node.C
                    | _ -> false

                dependsCache[id] <- result
                result

    /// A slot holds variables in all instances, or stage values in all.
    let isVariable (slot: int) =
        template.InstanceCount = 0 || template.Slots[slot][0] < variables

    let isOperator (node: Node) op =
        node.Kind = NodeKind.OperatorNode && node.Op = op

    /// Whether a sum under the node has a linear or constant addend.
    let rec hasLinearPart (id: int) : bool =
        let node = graph[id]

        if not (hasSlot id) then
            true
        else
            match node.Kind with
            | NodeKind.SlotNode -> isVariable node.Index
            | NodeKind.OperatorNode ->
                match node.Op with
                | Op.Add
                | Op.Sub -> hasLinearPart node.A || hasLinearPart node.B
                | Op.Neg -> hasLinearPart node.A
                | Op.Mul when not (hasSlot node.A) -> hasLinearPart node.B
                | Op.Mul when not (hasSlot node.B) -> hasLinearPart node.A
                | Op.Div when not (hasSlot node.B) -> hasLinearPart node.A
                | _ -> false
            | _ -> false

    let constants = ResizeArray<int>()
    let linear = ResizeArray<struct (int * int)>()
    let addends = ResizeArray<NlAddend>()

    let slotsOf (id: int) : int[] =
        let needed = graph.Needed [| id |]
        [| for k in 0 .. id do
               if needed[k] && graph[k].Kind = NodeKind.SlotNode then
                   graph[k].Index |]

    let rec split (scale: int) (id: int) : unit =
        let node = graph[id]
        let isUnit = graph.IsConstant(scale, 1.0) || graph.IsConstant(scale, -1.0)

        let addend () =
            addends.Add
                { Coefficient = scale
                  Body = id
                  Slots = slotsOf id }

        if not (hasSlot id) then
            constants.Add(graph.Mul(scale, id))
        elif node.Kind = NodeKind.SlotNode then
            if isVariable node.Index then
                linear.Add(struct (node.Index, scale))
            else
                addend ()
        elif isUnit || hasLinearPart id then
            match node.Op with
            | Op.Add ->
                split scale node.A
                split scale node.B
            | Op.Sub ->
                split scale node.A
                split (graph.Neg scale) node.B
            | Op.Neg -> split (graph.Neg scale) node.A
            | Op.Mul when not (hasSlot node.A) -> split (graph.Mul(scale, node.A)) node.B
            | Op.Mul when not (hasSlot node.B) -> split (graph.Mul(scale, node.B)) node.A
            | Op.Div when not (hasSlot node.B) && hasLinearPart node.A -> split (graph.Div(scale, node.B)) node.A
            | _ -> addend ()
        else
            addend ()

    do split (graph.Constant 1.0) root

    let roots =
        [| yield! constants
           for struct (_, coefficient) in linear do
               coefficient
           for addend in addends do
               addend.Coefficient
               addend.Body |]

    let needed = graph.Needed roots

    do
        for id in 0 .. graph.Count - 1 do
            if needed[id] && graph[id].Kind = NodeKind.OperatorNode && hasSlot id && not (NlOpcodes.isWritable graph[id].Op) then
                raise (NlUnsupported(template.Name, graph[id].Op))

    let isData =
        Array.init graph.Count (fun id -> not (hasSlot id))

    let data =
        [| for id in 0 .. graph.Count - 1 do
               if needed[id] && graph[id].Kind = NodeKind.DatumNode then
                   struct (id, template.DataColumns[graph[id].Index]) |]

    let computed =
        [| for id in 0 .. graph.Count - 1 do
               if needed[id] && isData[id] && graph[id].Kind = NodeKind.OperatorNode then
                   id |]

    let values: float[] =
        Array.init graph.Count (fun id -> if graph[id].Kind = NodeKind.ConstantNode then graph[id].Value else 0.0)

    let chains: (struct (int * bool)[] | null)[] = Array.zeroCreate graph.Count
    let dataChains: (struct (int * bool)[] | null)[] = Array.zeroCreate graph.Count
    let mutable loaded = -1

    let finite (value: float) =
        if Double.IsFinite value then value else raise (NlNotFinite(template.Name, value))

    member _.Template = template
    member _.Graph = graph
    /// The whole expression
    member _.Root = root
    /// Nodes without slots, whose sum is the constant part
    member val Constants = constants.ToArray() with get
    /// (slot of a variable, node of its coefficient)
    member val Linear = linear.ToArray() with get
    member val Addends = addends.ToArray() with get
    member _.IsData(id: int) = isData[id]
    /// The value of a node without slots for the instance loaded last
    member _.Value(id: int) : float = finite values[id]
    /// The instance loaded last
    member _.Loaded = loaded

    /// Evaluates the data of an instance.
    member _.Load(instance: int) : unit =
        if loaded <> instance then
            loaded <- instance

            for struct (id, column) in data do
                values[id] <- template.Data[column[instance]]

            for id in computed do
                let node = graph[id]
                let value argument = if argument < 0 then 0.0 else values[argument]
                values[id] <- Operators.evaluate node.Op (value node.A) (value node.B) (value node.C)

    /// The position in the extended point that a slot node reads in the instance loaded last.
    member _.Position(slot: int) : int = template.Slots[slot][loaded]

    /// The operands of a chain of sums that hold variables (with whether they are subtracted), or of minima or maxima.
    member this.Chain(id: int) : struct (int * bool)[] =
        match chains[id] with
        | null ->
            this.Collect id
            nonNull chains[id]
        | chain -> chain

    /// The sum of the operands of a chain of sums that hold no variables.
    member this.ChainConstant(id: int) : float =
        match dataChains[id] with
        | null ->
            this.Collect id
            this.ChainConstant id
        | data ->
            let mutable sum = 0.0

            for struct (operand, negated) in data do
                sum <- if negated then sum - values[operand] else sum + values[operand]

            finite sum

    member private _.Collect(id: int) : unit =
        let op = graph[id].Op
        let isSum = op = Op.Sub || op = Op.Neg || op = Op.Add
        let found = ResizeArray()

        let rec collect (at: int) negated =
            let node = graph[at]

            if isData[at] then
                found.Add(struct (at, negated))
            elif isSum && isOperator node Op.Add then
                collect node.A negated
                collect node.B negated
            elif isSum && isOperator node Op.Sub then
                collect node.A negated
                collect node.B (not negated)
            elif isSum && isOperator node Op.Neg then
                collect node.A (not negated)
            elif not isSum && isOperator node op then
                collect node.A false
                collect node.B false
            else
                found.Add(struct (at, negated))

        collect id false
        let isNumber (struct (operand: int, _: bool)) = isSum && isData[operand]
        chains[id] <- found.FindAll(fun operand -> not (isNumber operand)).ToArray()
        dataChains[id] <- found.FindAll(fun operand -> isNumber operand).ToArray()
