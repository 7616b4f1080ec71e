Console.WriteLine("sbc");
return 0;
