using Optc.Runtime.Templates;
using Xunit;

namespace Optc.Runtime.Tests.Templates;

public class CellClaimsTests
{
    [Fact]
    public void AgreesWithASetOfCells()
    {
        var random = new Random(72);
        for (var round = 0; round < 300; round++)
        {
            var count = 1 + random.Next(400);
            var claims = new CellClaims(count);
            var touched = new HashSet<long>();
            var assigned = new HashSet<long>();
            for (var step = random.Next(30); step > 0; step--)
            {
                var first = random.Next(count);
                var end = first + random.Next(Math.Min(150, count - first + 1));
                var isFree = Enumerable.Range(first, end - first).All(cell => !touched.Contains(cell));
                Assert.Equal(isFree, claims.IsUntouched(first, end));
                if (isFree && end > first)
                {
                    claims.Assign(first, end);
                    for (var cell = first; cell < end; cell++)
                    {
                        touched.Add(cell);
                        assigned.Add(cell);
                    }
                }
                var other = random.Next(count);
                claims.Touch(other);
                touched.Add(other);
            }
            var filled = claims.Unassigned().SelectMany(r => Enumerable.Range(r.First, r.End - r.First)).Select(cell => (long)cell);
            Assert.Equal(Enumerable.Range(0, count).Select(cell => (long)cell).Where(cell => !assigned.Contains(cell)), filled);
        }
    }
}
