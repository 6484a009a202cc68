"""What is asked for and handed out (调阅与复制): requests, grants, copies and their register."""
