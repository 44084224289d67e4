using Optc.Runtime.Templates;
using Xunit;

namespace Optc.Runtime.Tests.Templates;

public class RegisterAllocationTests
{
    /// <summary>Runs random programs with registers that hold the number of the value last written to them.</summary>
    [Fact]
    public void NoRegisterIsUsedAgainWhileItsValueIsNeeded()
    {
        var random = new Random(71);
        for (var round = 0; round < 2000; round++)
        {
            var program = Random(random, 1 + random.Next(60));
            var registers = new RegisterAllocation(program);
            var holds = new int[registers.Count];
            Array.Fill(holds, -1);
            for (var k = 0; k < program.Instructions.Length; k++)
            {
                var instruction = program.Instructions[k];
                for (var a = 0; a < instruction.ArgumentCount; a++)
                    Assert.Equal(instruction.Argument(a), holds[registers.Of[instruction.Argument(a)]]);
                if (instruction.Op == KernelOp.CosineOf)
                {
                    // Its value is there since the sine was computed.
                    Assert.Equal(registers.Cosine[instruction.A], registers.Of[k]);
                    Assert.Equal(~instruction.A, holds[registers.Of[k]]);
                    holds[registers.Of[k]] = k;
                    continue;
                }
                // The arguments are still read while the result is written.
                for (var a = 0; a < instruction.ArgumentCount; a++)
                    Assert.NotEqual(registers.Of[instruction.Argument(a)], registers.Of[k]);
                holds[registers.Of[k]] = k;
                if (instruction.Op == KernelOp.SineCosine)
                {
                    Assert.NotEqual(registers.Of[k], registers.Cosine[k]);
                    Assert.NotEqual(registers.Of[instruction.A], registers.Cosine[k]);
                    holds[registers.Cosine[k]] = ~k;
                }
            }
            Assert.All(program.Results, r => Assert.Equal(r, holds[registers.Of[r]]));
        }
    }

    [Fact]
    public void AChainNeedsTwoRegistersHoweverLongItIs()
    {
        KernelInstruction[] chain = [new() { Op = KernelOp.Slot, B = 1 }, .. Enumerable.Range(0, 100).Select(k => new KernelInstruction { Op = KernelOp.Negate, A = k })];
        Assert.Equal(2, new RegisterAllocation(new KernelProgram(chain, [100])).Count);
    }

    private static KernelProgram Random(Random random, int count)
    {
        KernelOp[] operations = [KernelOp.Add, KernelOp.Negate, KernelOp.MultiplyAdd, KernelOp.Select, KernelOp.SineCosine, KernelOp.Slot, KernelOp.Constant];
        var code = new List<KernelInstruction>();
        while (code.Count < count)
        {
            var op = code.Count == 0 ? KernelOp.Slot : operations[random.Next(operations.Length)];
            int Earlier() => random.Next(Math.Max(0, code.Count - 12), Math.Max(1, code.Count));
            code.Add(op is KernelOp.Slot or KernelOp.Constant ? new KernelInstruction { Op = op, B = 1 } : new KernelInstruction { Op = op, A = Earlier(), B = Earlier(), C = Earlier() });
            if (op == KernelOp.SineCosine && random.Next(2) == 0)
            {
                var sine = code.Count - 1;
                // The cosine is fetched at once or later.
                for (var between = random.Next(3); between > 0; between--)
                    code.Add(new KernelInstruction { Op = KernelOp.Negate, A = Earlier() });
                code.Add(new KernelInstruction { Op = KernelOp.CosineOf, A = sine });
            }
        }
        return new KernelProgram([.. code], [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => random.Next(code.Count))]);
    }
}
