namespace Optc.Runtime.Templates;

/// <summary>
/// Registers for the values of a program: a register is free again after the last use of its value; those of results are
/// kept to the end.
/// </summary>
internal sealed class RegisterAllocation
{
    public RegisterAllocation(KernelProgram program)
    {
        var instructions = program.Instructions;
        var lastUse = new int[instructions.Length];
        Cosine = new int[instructions.Length];
        var cosineOf = new int[instructions.Length];
        Array.Fill(cosineOf, -1);
        for (var k = 0; k < instructions.Length; k++)
        {
            lastUse[k] = k;
            if (instructions[k].Op == KernelOp.CosineOf)
                cosineOf[instructions[k].A] = k;
            for (var a = 0; a < instructions[k].ArgumentCount; a++)
                lastUse[instructions[k].Argument(a)] = k;
        }
        foreach (var result in program.Results)
            lastUse[result] = int.MaxValue;

        Of = new int[instructions.Length];
        var free = new Stack<int>();
        for (var k = 0; k < instructions.Length; k++)
        {
            if (instructions[k].Op == KernelOp.CosineOf)
            {
                Of[k] = Cosine[instructions[k].A];
            }
            else
            {
                Of[k] = Take();
                // The function writes both, so a place for a cosine that nobody wants is needed too.
                if (instructions[k].Op == KernelOp.SineCosine)
                {
                    Cosine[k] = Take();
                    if (cosineOf[k] < 0)
                        free.Push(Cosine[k]);
                }
            }
            for (var a = 0; a < instructions[k].ArgumentCount; a++)
                Release(instructions[k].Argument(a), k);
        }

        int Take() => free.TryPop(out var register) ? register : Count++;

        void Release(int value, int now)
        {
            if (lastUse[value] != now)
                return;
            lastUse[value] = -1;
            free.Push(Of[value]);
        }
    }

    /// <summary>Number of registers.</summary>
    public int Count { get; private set; }

    /// <summary>Register of each value.</summary>
    public int[] Of { get; }

    /// <summary>For a <see cref="KernelOp.SineCosine"/>, the register of the cosine.</summary>
    public int[] Cosine { get; }
}
