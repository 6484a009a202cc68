"""What is made of originals (派生文件), and the worker that makes it."""
